"""Dates as people read them: `<time>` with the exact moment, which static/js/moments.js shows in the reader's zone."""

from __future__ import annotations

from datetime import UTC, datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def moment(at: datetime) -> SafeString:
    """`24 Nov 2026, 13:37 UTC`, until a script knows better."""
    utc = at.astimezone(UTC)
    written = f"{utc.day} {utc:%b %Y, %H:%M} UTC"
    return format_html('<time datetime="{}" data-moment>{}</time>', utc.isoformat(timespec="seconds"), written)
