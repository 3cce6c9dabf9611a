"""Notes in Markdown as HTML that is safe to put into a page: rendered by markdown-it, then cleaned by nh3."""

from __future__ import annotations

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

LONGEST_NOTES = 20_000  # characters
_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_LOWER = {"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h6", "h5": "h6", "h6": "h6"}  # the page has its own h1 and h2
# No raw HTML, no images: a picture from elsewhere would tell its server who reads the note.
_MARKDOWN = (
    MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"]).disable("image")
)


def render(text: str) -> SafeString:
    """Markdown -> HTML of a few harmless elements; links open only http, https and mailto addresses.

    Headings begin two levels lower than they are written, under the headings of the page.
    """
    tokens = _MARKDOWN.parse(text[:LONGEST_NOTES])
    for token in tokens:
        token.tag = _LOWER.get(token.tag, token.tag)
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener noreferrer",
    )
    return mark_safe(clean)  # nh3 has just cleaned it
