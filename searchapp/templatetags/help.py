"""Help where it is needed: links into the documentation, hints that can be sent away, the list of shortcuts."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import NodeList
from django.template.base import Parser, Token
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from searchapp.docs import shortcuts

register = template.Library()


@register.simple_tag
def what(page: str, anchor: str, about: str) -> SafeString:
    """A round “?” that leads to the place of the documentation that explains a card."""
    address = f"{reverse('docs-page', args=[page])}#{anchor}"
    return format_html(
        '<a class="what" href="{}" title="What is this?" aria-label="What is this? {}">?</a>', address, about
    )


class HintNode(template.Node):
    def __init__(self, name: str, body: NodeList) -> None:
        self.name, self.body = name, body

    def render(self, context: template.Context) -> SafeString:
        return format_html(
            '<aside class="hint" data-hint="{}" aria-label="Hint"><div>{}</div><span class="hint__buttons">'
            '<button type="button" class="button button--small" data-hint-done>Got it</button>'
            '<button type="button" class="button button--small button--plain" data-hints-done>No more hints</button>'
            "</span></aside>",
            self.name,
            self.body.render(context),
        )


@register.tag
def hint(parser: Parser, token: Token) -> HintNode:
    """`{% hint "name" %}…{% endhint %}`: shown until a person has sent it away. static/css/hints.css knows its name."""
    _, name = token.split_contents()
    body = parser.parse(("endhint",))
    parser.delete_first_token()
    return HintNode(name.strip("\"'"), body)


@register.inclusion_tag("searchapp/parts/shortcuts.html")
def shortcut_dialog() -> dict[str, Any]:
    return {"groups": shortcuts.GROUPS}
