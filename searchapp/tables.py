"""The table of searches."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from engine.registry import DATASETS
from searchapp.best_so_far import Steps, best_so_far, sparkline
from searchapp.models import Search
from searchapp.templatetags.nos import NOTHING, duration, equation, percent

RIGHT = {"td": {"class": "num"}, "th": {"class": "num"}}
COMPARE_FORM = "compare"  # the id of the form that the boxes belong to


class SearchTable(tables.Table):
    """State (sort, page, filters) lives in the address."""

    select = tables.Column(
        verbose_name="Compare", empty_values=(), orderable=False, attrs={"td": {"class": "table-select"}}
    )
    name = tables.Column(linkify=False)
    status = tables.Column(verbose_name="State")
    progress = tables.Column(accessor="candidates_done", verbose_name="Progress")
    line = tables.Column(verbose_name="Best so far", empty_values=(), orderable=False)
    best = tables.Column(accessor="best_candidate__text", verbose_name="Best rule", orderable=False, empty_values=())
    reward = tables.Column(accessor="best_candidate__reward", verbose_name="Reward", attrs=RIGHT)
    confirmed = tables.Column(accessor="best_confirmed__confirmed_mean", verbose_name="Confirmed", attrs=RIGHT)
    cost = tables.Column(verbose_name="Cost", attrs=RIGHT)
    dataset = tables.Column(accessor="config__child__dataset", verbose_name="Data set")
    created_at = tables.DateTimeColumn(verbose_name="Created", format="j M, H:i", attrs={"td": {"class": "nowrap"}})
    clone = tables.Column(verbose_name="", empty_values=(), orderable=False)

    class Meta:
        model = Search
        fields = (
            "select", "name", "status", "progress", "line", "best", "reward", "confirmed", "cost", "dataset",
            "created_at", "clone",
        )  # fmt: skip
        order_by = ("-created_at",)
        template_name = "searchapp/parts/table.html"
        attrs = {"class": "table table--cards searches"}
        row_attrs = {"data-search": lambda record: record.pk}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._steps: dict[int, Steps] | None = None

    @property
    def steps(self) -> dict[int, Steps]:
        """Of the searches on the page that is shown: one query."""
        if self._steps is None:
            self._steps = best_so_far(row.record.pk for row in self.paginated_rows)
        return self._steps

    def render_select(self, record: Search) -> SafeString:
        return format_html(
            '<input type="checkbox" name="ids" value="{}" form="{}" aria-label="Compare {}">',
            *(record.pk, COMPARE_FORM, record.name),
        )

    def render_name(self, record: Search) -> SafeString:
        return SafeString(render_to_string("searchapp/parts/search_name.html", {"search": record}))

    def render_status(self, record: Search) -> SafeString:
        return format_html('<span class="pill pill--{0}">{0}</span>', record.status)

    def render_progress(self, record: Search) -> SafeString:
        return SafeString(render_to_string("searchapp/parts/progress_cell.html", {"search": record}))

    def render_line(self, record: Search) -> SafeString | str:
        return sparkline(self.steps.get(record.pk, []), record.candidates_proposed, record.budget) or NOTHING

    def render_best(self, record: Search) -> SafeString | str:
        if record.best_candidate is None:
            return NOTHING
        return format_html('<span class="equation-cell">{}</span>', equation(record.best_candidate.text))

    def render_reward(self, value: float) -> str:
        return percent(value)

    def render_confirmed(self, record: Search) -> SafeString:
        spread = render_to_string("searchapp/parts/spread.html", {"spread": spread_of(record)})
        return format_html('<span class="nowrap">{}</span>', SafeString(spread))

    def render_cost(self, value: float) -> str:
        return duration(value) if value else NOTHING

    def render_dataset(self, value: str) -> str:
        return DATASETS[value].title if value in DATASETS else value

    def render_clone(self, record: Search) -> SafeString:
        return format_html(
            '<a class="button button--small" href="{}?from={}" title="Clone {}">Clone</a>',
            *(reverse("search-new"), record.pk, record.name),
        )


def spread_of(search: Search) -> dict[str, float | int | None] | None:
    """What the best confirmed rule came to over its fresh seeds."""
    best = search.best_confirmed
    return None if best is None else {"mean": best.confirmed_mean, "std": best.confirmed_std, "n": best.confirmed_n}
