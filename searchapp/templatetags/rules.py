"""Large counts as people read them."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def grouped(count: int) -> str:
    """52474 -> `52,474`."""
    return f"{count:,}"


@register.filter
def share(part: float) -> str:
    """0.5 -> `50 %`."""
    return f"{100 * part:.0f}\N{NO-BREAK SPACE}%"
