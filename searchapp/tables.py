"""The table of searches."""

from __future__ import annotations

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from engine.registry import DATASETS
from searchapp.models import Search
from searchapp.templatetags.nos import equation, percent

RIGHT = {"td": {"class": "num"}, "th": {"class": "num"}}


class SearchTable(tables.Table):
    """State (sort, page, filters) lives in the address."""

    name = tables.Column(linkify=("search-live", [tables.A("pk")]), attrs={"a": {"class": "table-name"}})
    status = tables.Column()
    progress = tables.Column(accessor="candidates_done", verbose_name="Progress")
    best = tables.Column(accessor="best_candidate__text", verbose_name="Best rule", orderable=False, empty_values=())
    reward = tables.Column(accessor="best_candidate__reward", verbose_name="Reward", attrs=RIGHT)
    dataset = tables.Column(accessor="config__child__dataset", verbose_name="Data set")
    created_at = tables.DateTimeColumn(verbose_name="Created", format="j M Y, H:i", attrs={"td": {"class": "nowrap"}})
    owner = tables.Column(accessor="owner__username", verbose_name="Who")

    class Meta:
        model = Search
        fields = ("name", "status", "progress", "best", "reward", "dataset", "created_at", "owner")
        order_by = ("-created_at",)
        template_name = "searchapp/parts/table.html"
        attrs = {"class": "table table--cards"}
        row_attrs = {"data-search": lambda record: record.pk}

    def render_status(self, record: Search) -> SafeString:
        return format_html('<span class="pill pill--{0}">{0}</span>', record.status)

    def render_progress(self, record: Search) -> SafeString:
        return SafeString(render_to_string("searchapp/parts/progress_cell.html", {"search": record}))

    def render_best(self, record: Search) -> SafeString | str:
        if record.best_candidate is None:
            return "—"
        return format_html('<span class="equation-cell">{}</span>', equation(record.best_candidate.text))

    def render_reward(self, value: float) -> str:
        return percent(value)

    def render_dataset(self, value: str) -> str:
        return DATASETS[value].title if value in DATASETS else value
