"""Equations, numbers and times as people read them; the same words as static/js/format.js."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.forms import BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from engine.errors import RuleError
from engine.language import Rule, numbers

register = template.Library()
NOTHING = "—"


@lru_cache(maxsize=4096)
def equation_of(text: str) -> str:
    """The rule's MathML; its text where an older version wrote what this one cannot read."""
    try:
        return Rule.parse(text).mathml
    except RuleError:
        return format_html("<code>{}</code>", text)


@register.filter
def equation(text: str) -> SafeString:
    return mark_safe(equation_of(text))  # the language's own printer: nothing in it was typed


@register.filter
def markup(mathml: str) -> SafeString:
    """MathML that the engine printed."""
    return mark_safe(mathml)


@register.filter
def percent(reward: float | str | None) -> str:
    """0.91234 -> `91.23 %`; what is not there (in a template an empty text) -> `—`."""
    return NOTHING if reward is None or reward == "" else f"{100 * float(reward):.2f}\N{NO-BREAK SPACE}%"


@register.filter
def points(spread: float | str | None) -> str:
    """A standard deviation beside a percentage: 0.0123 -> `1.23`."""
    return NOTHING if spread is None or spread == "" else f"{100 * float(spread):.2f}"


@register.filter
def signed_points(difference: float | str | None) -> str:
    """A difference of accuracies, in percentage points: -0.0123 -> `−1.23`."""
    if difference is None or difference == "":
        return NOTHING
    return f"{100 * float(difference):+.2f}".replace("-", "−")


@register.filter
def small(value: float | str | None) -> str:
    """A number of any size: 0.0000123 -> `1.23e-05`."""
    return NOTHING if value is None or value == "" else f"{float(value):.3g}"


@register.filter
def duration(seconds: float | str | None) -> str:
    """Seconds -> `3 min 12 s`."""
    if seconds is None or seconds == "":
        return NOTHING
    seconds = float(seconds)
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 86400} d {whole % 86400 // 3600} h"


@register.filter
def rate(value: float | None) -> str:
    """A learning rate: 0.001 -> `10⁻³`, 0.05 -> `0.05`."""
    if value is None:
        return NOTHING
    lead, _, exponent = f"{value:.0e}".partition("e")
    if lead == "1" and float(f"{value:.0e}") == value and not -2 < int(exponent) < 3:
        return numbers.power_of_ten(int(exponent))
    return f"{value:g}"


@register.filter
def get(mapping: dict[str, object], key: str) -> object:
    return mapping.get(key, "")


@register.inclusion_tag("searchapp/parts/field.html")
def field(bound: BoundField, extra: str = "") -> dict[str, object]:
    """A label, the input, its help and its errors, tied together for those who cannot see them."""
    described = f"{bound.id_for_label}_help {bound.id_for_label}_errors"
    attributes: dict[str, str | bool] = {"aria-describedby": described}
    if bound.errors:
        attributes["aria-invalid"] = "true"
    return {"bound": bound, "widget": bound.as_widget(attrs=attributes), "extra": extra}
