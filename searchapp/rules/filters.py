"""What a list of rules can be narrowed by; the state lives in the address."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Q, TextField
from django.db.models.functions import Cast

from engine.errors import RuleError
from engine.language import Rule
from engine.language.words import words_of_tokens
from searchapp.models import Candidate, CandidateStatus, Search
from searchapp.models.statuses import WAITING, Outcome
from searchapp.rules.orders import CONFIRMED, Rows

MOST_COMPLEXITY = 1_000_000
EVERY = "all"
# Value in the address -> what people read, and which candidates. Without one: every rule once.
_STATES: dict[str, tuple[str, Q]] = {
    EVERY: ("every proposal, duplicates too", Q()),
    **{name: (name, Q(outcome=name)) for name in Outcome.values},
    "failed": ("failed", Q(status=CandidateStatus.FAILED)),
    "waiting": ("waiting or in training", Q(status__in=WAITING)),
    "cancelled": ("cancelled", Q(status=CandidateStatus.CANCELLED)),
}
ONCE = Q(duplicate_of=None)


class RuleFilter(filters.FilterSet):
    """`filtered.rows` are the candidates that are asked for; what is not understood narrows nothing and says so."""

    q = filters.CharFilter(method="of_text", label="Text", widget=forms.TextInput(attrs={"type": "search"}))
    outcome = filters.ChoiceFilter(
        method="of_state",
        label="Outcome",
        choices=[(value, label) for value, (label, _) in _STATES.items()],
        empty_label="every rule once",
    )
    least = filters.NumberFilter("complexity", "gte", label="Size from", min_value=0, max_value=MOST_COMPLEXITY)
    most = filters.NumberFilter("complexity", "lte", label="Size to", min_value=0, max_value=MOST_COMPLEXITY)
    confirmed = filters.BooleanFilter(method="of_confirmed", label="Confirmed only", widget=forms.CheckboxInput())
    uses = filters.MultipleChoiceFilter(method="of_words", label="Uses", widget=forms.CheckboxSelectMultiple())

    class Meta:
        model = Candidate
        fields: list[str] = []

    def __init__(self, data: Any, *, search: Search) -> None:
        super().__init__(data, queryset=Candidate.objects.filter(search=search))
        for name in ("least", "most"):
            self.form.fields[name].widget.attrs["inputmode"] = "numeric"
        self.kinds = words_of(search)
        self.form.fields["uses"].choices = [(word, word) for words in self.kinds.values() for word in words]

    @property
    def rows(self) -> Rows:
        narrowed = self.qs  # which checks the form
        return narrowed if self.form.cleaned_data.get("outcome") else narrowed.filter(ONCE)

    @property
    def is_narrowed(self) -> bool:
        return any(self.data.get(name) for name in self.filters)

    @property
    def uses_chosen(self) -> list[str]:
        return list(self.form.cleaned_data.get("uses") or [])

    def of_text(self, rows: Rows, name: str, text: str) -> Rows:
        """A part of the rule as it is written or as it would be, of its notes, or of a tag."""
        wanted = {text, _canonical(text)}
        found = Q(notes__icontains=text) | Q(tag_text__icontains=text)
        for one in wanted:
            found |= Q(text__icontains=one)
        return rows.alias(tag_text=Cast("tags", TextField())).filter(found)

    def of_state(self, rows: Rows, name: str, value: str) -> Rows:
        return rows.filter(_STATES[value][1])

    def of_confirmed(self, rows: Rows, name: str, value: bool) -> Rows:
        return rows.filter(CONFIRMED) if value else rows

    def of_words(self, rows: Rows, name: str, words: list[str]) -> Rows:
        """Rules that hold every one of these words."""
        for word in words:
            rows = rows.filter(words__contains=f" {word} ")
        return rows


def words_of(search: Search) -> dict[str, list[str]]:
    """By kind, what the rules of this search may hold; nothing where its tokens are of another version."""
    tokens = search.config["primitives"]
    try:
        found = words_of_tokens(tokens["operands"], tokens["unary"], tokens["binary"])
    except RuleError:
        return {}
    return {str(kind): words for kind, words in found.items()}


def _canonical(text: str) -> str:
    """`sign(m)*sign(g)` -> `sign(g) * sign(m)`; the text itself where it is no rule."""
    try:
        return Rule.parse(text).canonical.text
    except RuleError:
        return text
