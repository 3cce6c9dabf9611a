"""The documentation names everything that a person can choose, its links lead somewhere, and hints can be sent away."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.template import Context, Template
from django.test import Client
from django.urls import reverse
from pydantic import BaseModel

from engine.config import ConfirmationConfig, SearchConfig
from engine.config.priors import PriorsConfig
from engine.config.screening import ScreeningConfig
from engine.evaluation.surfaces import SURFACES
from engine.evaluation.transfers import TRANSFERS
from engine.language import PRIMITIVES
from engine.presets import NAMED_RULES
from engine.registry import CONTROLLERS, DATASETS, NETWORKS, PRIMITIVE_SETS, PROTOCOLS, Protocol
from searchapp.docs.shortcuts import GROUPS
from searchapp.models import Search
from searchapp.models.statuses import Outcome, SearchStatus
from searchapp.sets.explained import explain_primitive
from searchapp.views.docs import PAGES

ROOT = Path(__file__).parent.parent.parent
TEMPLATES = ROOT / "templates"


@pytest.fixture
def reader(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def page_of(reader: Client, slug: str) -> str:
    answer = reader.get(reverse("docs-page", args=[slug]))
    assert answer.status_code == 200
    return answer.content.decode()


def assert_named(page: str, names: Any) -> None:
    missing = [name for name in names if f"<code>{name}</code>" not in page]
    assert not missing


def models() -> Iterator[tuple[str, type[BaseModel]]]:
    for registry, slug in ((CONTROLLERS, "controllers"), (DATASETS, "protocol"), (NETWORKS, "protocol")):
        for row in registry.values():
            yield slug, row.settings
    yield from (("protocol", Protocol), ("confirmation", ConfirmationConfig), ("controllers", PriorsConfig))
    yield "controllers", ScreeningConfig


class TestNothingIsForgotten:
    @pytest.mark.parametrize(
        ("slug", "names"),
        [
            ("controllers", CONTROLLERS),
            ("protocol", DATASETS),
            ("protocol", NETWORKS),
            ("protocol", PROTOCOLS),
            ("primitives", PRIMITIVE_SETS),
            ("confirmation", NAMED_RULES),
            ("transfer", TRANSFERS),
            ("transfer", SURFACES),
            ("controllers", SearchConfig.numbers()),
            ("controllers", ("redraws", "start_rules")),
        ],
    )
    def test_every_row_of_a_registry_is_named(self, reader: Client, slug: str, names: Any) -> None:
        assert_named(page_of(reader, slug), names)

    def test_every_primitive_stands_there_with_its_help_and_parameters(self, reader: Client) -> None:
        page = page_of(reader, "primitives")
        for row in PRIMITIVES.values():
            assert f"<code>{explain_primitive(row.name).text}</code>" in page
            for parameter in row.parameters:
                assert f"<code>{parameter.name}</code>, usually" in page

    def test_every_setting_of_every_model_is_named(self, reader: Client) -> None:
        pages = {slug: page_of(reader, slug) for slug in {slug for slug, _ in models()}}
        for slug, model in models():
            assert_named(pages[slug], model.model_fields)

    def test_every_part_of_a_configuration_is_shown_somewhere(self) -> None:
        told = {"primitives", "child", "controller", "screening", "confirmation", *SearchConfig.numbers()}
        assert told == set(SearchConfig.model_fields)

    def test_every_status_and_outcome_is_explained(self, reader: Client) -> None:
        page = page_of(reader, "method")
        for word in (*SearchStatus.values, *Outcome.values):
            assert word in page

    def test_every_address_of_the_api_is_listed(self, reader: Client) -> None:
        page, schema = page_of(reader, "api"), reader.get("/api/openapi.json").json()
        for path in schema["paths"]:
            assert f"<code>{path}</code>" in page

    def test_every_key_is_listed(self, reader: Client) -> None:
        page = page_of(reader, "shortcuts")
        for one in (one for group in GROUPS.values() for one in group):
            assert f'data-keys="{" ".join(one.keys)}"' in page
            assert one.does in page


class TestLinks:
    @pytest.mark.parametrize("slug", PAGES)
    def test_links_inside_the_documentation_lead_to_pages_and_anchors(self, reader: Client, slug: str) -> None:
        for address in re.findall(r'href="(/docs/[^"]*)"', page_of(reader, slug)):
            path, _, anchor = address.partition("#")
            answer = reader.get(path)
            assert answer.status_code == 200, address
            assert not anchor or f'id="{anchor}"' in answer.content.decode(), address

    def test_what_is_this_leads_to_anchors_that_are_there(self, reader: Client) -> None:
        found = set()
        for template in TEMPLATES.rglob("*.html"):
            found |= set(re.findall(r"{% what '([^']+)' '([^']+)'", template.read_text(encoding="utf-8")))
        assert len(found) > 10
        for slug, anchor in found:
            assert f'id="{anchor}"' in page_of(reader, slug), (slug, anchor)

    def test_a_page_that_is_none_is_not_found_and_nobody_is_asked_to_sign_in(
        self, reader: Client, client: Client
    ) -> None:
        assert reader.get(reverse("docs-page", args=["nonsense"])).status_code == 404
        for address in (reverse("docs"), reverse("docs-page", args=["method"])):
            assert client.get(address).headers["Location"].startswith(reverse("login"))

    def test_no_anchor_stands_twice_on_a_page(self, reader: Client) -> None:
        for slug in PAGES:
            ids = re.findall(r'\bid="([^"]+)"', page_of(reader, slug))
            assert len(ids) == len(set(ids)), [one for one in ids if ids.count(one) > 1]


class TestHints:
    def test_each_hint_can_be_sent_away(self) -> None:
        style = (ROOT / "static/css/hints.css").read_text(encoding="utf-8")
        names = set()
        for template in TEMPLATES.rglob("*.html"):
            names |= set(re.findall(r'{% hint "([^"]+)" %}', template.read_text(encoding="utf-8")))
        assert names
        for name in names:
            assert f'[data-hints-off~="{name}"] [data-hint="{name}"]' in style

    def test_the_first_search_explains_itself_to_the_person_who_looks(
        self, reader: Client, owner: User, trained_search: Search
    ) -> None:
        live = reader.get(reverse("search-live", args=[trained_search.pk])).content.decode()
        rule = reader.get(reverse("rule", args=[trained_search.pk, 0])).content.decode()
        assert 'data-hint="live-search"' in live
        assert 'data-hint="rule-equation"' in rule
        assert f'data-person="{owner.pk}"' in live

    def test_what_a_card_is_about_is_escaped(self) -> None:
        written = Template("{% load help %}{% what 'charts' 'rewards' about %}").render(Context({"about": '"><b>'}))
        assert "<b>" not in written
