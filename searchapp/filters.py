"""What the list of searches can be narrowed by; the state lives in the address."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import QuerySet

from engine.registry import DATASETS
from searchapp.models import Search
from searchapp.models.statuses import SearchStatus

ARCHIVED = (("also", "shown too"), ("only", "only these"))


class SearchFilter(filters.FilterSet):
    name = filters.CharFilter(
        lookup_expr="icontains", label="Name contains", widget=forms.TextInput(attrs={"type": "search"})
    )
    status = filters.ChoiceFilter(choices=SearchStatus.choices, label="Status", empty_label="any")
    dataset = filters.ChoiceFilter(
        field_name="config__child__dataset",
        choices=[(name, row.title) for name, row in DATASETS.items()],
        label="Data set",
        empty_label="any",
    )
    tag = filters.ChoiceFilter(method="with_tag", label="Tag", empty_label="any")
    archived = filters.ChoiceFilter(choices=ARCHIVED, method="as_it_is", label="Archived", empty_label="hidden")

    class Meta:
        model = Search
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Few searches have tags: reading them is quick, and the databases search JSON lists each in their own way.
        self.tagged = dict(self.queryset.exclude(tags=[]).order_by().values_list("pk", "tags"))
        tags = sorted({tag for tags in self.tagged.values() for tag in tags}, key=str.casefold)
        self.filters["tag"].extra["choices"] = [(tag, tag) for tag in tags]

    def filter_queryset(self, queryset: QuerySet[Search]) -> QuerySet[Search]:
        found = super().filter_queryset(queryset)
        wanted = self.form.cleaned_data.get("archived")
        return found if wanted == "also" else found.filter(archived_at__isnull=wanted != "only")

    def with_tag(self, queryset: QuerySet[Search], name: str, tag: str) -> QuerySet[Search]:
        return queryset.filter(pk__in=[pk for pk, tags in self.tagged.items() if tag in tags])

    def as_it_is(self, queryset: QuerySet[Search], name: str, value: str) -> QuerySet[Search]:
        return queryset  # filter_queryset sees to it, for archived searches are hidden without being asked
