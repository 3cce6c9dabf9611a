"""What the list of searches can be narrowed by; the state lives in the address."""

from __future__ import annotations

import django_filters as filters
from django import forms

from engine.registry import DATASETS
from searchapp.models import Search
from searchapp.models.statuses import SearchStatus


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

    class Meta:
        model = Search
        fields: list[str] = []
