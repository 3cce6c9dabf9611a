"""Primitive sets: composed on a page, kept in versions, explained, and never changed under a search."""

import math
import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from engine.config import PrimitivesConfig
from engine.language import PRIMITIVES, Space
from engine.optim import decays
from engine.optim.functions import UNARIES
from searchapp import services
from searchapp.built_in import sync
from searchapp.models import PrimitiveSet, PrimitiveSetVersion, Search
from searchapp.sets import costs, versions
from searchapp.sets.curves import curve
from searchapp.sets.explained import default_token, explain_primitive, explain_token
from searchapp.sets.functions import DRAWN, STEPS

MakeSearch = Callable[..., Search]
TOKENS: dict[str, list[str]] = {"operands": ["g", "m"], "unary": ["x", "sign"], "binary": ["+"]}
FORM = {"name": "mine", **TOKENS, "save": "1"}


@pytest.fixture
def own(owner: User) -> PrimitiveSet:
    return versions.create_set(owner=owner, name="mine", tokens=PrimitivesConfig(**TOKENS))  # type: ignore[arg-type]


@pytest.fixture
def built_in(db: None) -> PrimitiveSet:
    sync()
    return PrimitiveSet.objects.get(name="Paper with decays", owner=None)


def text_of(response: Any) -> str:
    return response.content.decode()


class TestVersions:
    def test_a_new_set_has_its_first_version(self, mine: Client, owner: User) -> None:
        answer = mine.post(reverse("primitive-set-new"), FORM)
        made = PrimitiveSet.objects.get(owner=owner)
        assert answer.headers["Location"] == reverse("primitive-set", args=[made.pk])
        assert {kind: getattr(made, kind) for kind in TOKENS} == TOKENS
        assert list(made.versions.values_list("number", "operands")) == [(1, ["g", "m"])]

    def test_saving_makes_a_new_version_and_the_old_one_stays(self, mine: Client, own: PrimitiveSet) -> None:
        mine.post(reverse("primitive-set-edit", args=[own.pk]), {**FORM, "operands": ["g", "v"]})
        own.refresh_from_db()
        assert own.operands == ["g", "v"]
        assert list(own.versions.order_by("number").values_list("operands", flat=True)) == [["g", "m"], ["g", "v"]]
        old = text_of(mine.get(reverse("primitive-set", args=[own.pk]), {"version": "1"}))
        assert "This is version 1" in old
        assert "average of g" in old
        now = text_of(mine.get(reverse("primitive-set", args=[own.pk])))
        assert "added" in now
        assert "removed" in now

    def test_saving_what_is_there_makes_none(self, mine: Client, own: PrimitiveSet) -> None:
        mine.post(reverse("primitive-set-edit", args=[own.pk]), FORM)
        assert own.versions.count() == 1

    def test_an_old_version_comes_back_as_a_new_one(self, mine: Client, own: PrimitiveSet) -> None:
        versions.save_version(primitive_set=own, tokens=PrimitivesConfig(operands=["v"], unary=["x"], binary=["+"]))  # type: ignore[arg-type]
        mine.post(reverse("primitive-set-restore", args=[own.pk, 1]))
        own.refresh_from_db()
        assert own.operands == ["g", "m"]
        assert list(own.versions.order_by("number").values_list("number", "note")) == [
            (1, ""), (2, ""), (3, "version 1 again"),
        ]  # fmt: skip
        mine.post(reverse("primitive-set-restore", args=[own.pk, 3]))
        assert own.versions.count() == 3

    def test_the_form_of_a_new_search_saves_versions_too(self, owner: User, own: PrimitiveSet) -> None:
        saved = services.save_primitive_set(owner=owner, name="mine", operands=["g"], unary=["x"], binary=["+"])
        assert saved.pk == own.pk
        assert saved.versions.count() == 2

    def test_a_search_never_changes_with_its_set(
        self, mine: Client, own: PrimitiveSet, make_search: MakeSearch
    ) -> None:
        search = make_search(primitives={kind: getattr(own, kind) for kind in TOKENS})
        mine.post(reverse("primitive-set-edit", args=[own.pk]), {**FORM, "operands": ["v"]})
        mine.post(reverse("primitive-set-delete", args=[own.pk]))
        search.refresh_from_db()
        assert search.config["primitives"] == TOKENS

    def test_versions_without_any_change_cannot_be_asked_for(self, mine: Client, own: PrimitiveSet) -> None:
        address = reverse("primitive-set", args=[own.pk])
        for version in ("2", "0", "x", "9" * 30, "-1"):
            assert mine.get(address, {"version": version}).status_code == 404
        assert mine.post(reverse("primitive-set-restore", args=[own.pk, 7])).status_code == 404


class TestNames:
    def test_a_set_is_renamed_and_deleted(self, mine: Client, own: PrimitiveSet) -> None:
        mine.post(reverse("primitive-set-rename", args=[own.pk]), {"name": "  better  "})
        own.refresh_from_db()
        assert own.name == "better"
        mine.post(reverse("primitive-set-delete", args=[own.pk]))
        assert not PrimitiveSetVersion.objects.exists()

    @pytest.mark.parametrize("name", ["", "mine", "a\x00b"])
    def test_a_name_that_is_taken_or_none_is_told_and_what_was_chosen_stays(
        self, mine: Client, own: PrimitiveSet, name: str
    ) -> None:
        page = text_of(mine.post(reverse("primitive-set-new"), {**FORM, "name": name, "operands": ["g", "clip(g, 2)"]}))
        assert "field--bad" in page
        assert 'value="clip(g, 2)" checked' in page
        assert PrimitiveSet.objects.filter(owner=own.owner).count() == 1

    def test_renaming_to_a_name_that_is_taken_changes_nothing(
        self, mine: Client, owner: User, own: PrimitiveSet
    ) -> None:
        versions.create_set(owner=owner, name="other", tokens=PrimitivesConfig(**TOKENS))  # type: ignore[arg-type]
        page = mine.post(reverse("primitive-set-rename", args=[own.pk]), {"name": "other"}, follow=True)
        assert "already have a set called “other”" in text_of(page)
        own.refresh_from_db()
        assert own.name == "mine"


class TestComposing:
    @pytest.mark.parametrize(
        ("what", "typed", "token"),
        [
            ("clip", {"clip:limit": "1e-2"}, "clip(1e-2)"),
            ("drop", {"drop:rate": "0.25"}, "drop(0.25)"),
            ("w", {"w:scale": "0.5"}, "w(0.5)"),
            ("m", {"m:beta": "0.95"}, "m(0.95)"),
            ("m", {"m:beta": ""}, "m"),
            ("adam", {"adam:beta1": "0.8"}, "adam(0.8, 0.999, 1e-8)"),
            ("const", {"const:value": "3"}, "3"),
            ("/", {"/:delta": "1e-6"}, "/(1e-6)"),
            ("composed", {"composed": "g*sign(m)"}, "g * sign(m)"),
        ],
    )
    def test_a_token_with_other_parameters_is_added_and_nothing_is_saved_yet(
        self, mine: Client, what: str, typed: dict[str, str], token: str
    ) -> None:
        page = text_of(mine.post(reverse("primitive-set-new"), {**FORM, **typed, "add": what}))
        shown = re.search(r'value="([^"]*)" checked data-added', page)
        assert shown, re.findall(r'role="alert">[^<]*', page)
        assert shown[1] == token
        assert not PrimitiveSet.objects.filter(owner__isnull=False).exists()

    @pytest.mark.parametrize(
        ("what", "typed", "says"),
        [
            ("clip", {"clip:limit": "-1"}, "limit"),
            ("drop", {"drop:rate": "1"}, "rate"),
            ("m", {"m:beta": "fast"}, ""),
            ("composed", {"composed": "foo(g)"}, "Unknown name"),
            ("composed", {"composed": ""}, ""),
            ("composed", {"composed": "<script>"}, ""),
        ],
    )
    def test_what_is_no_token_is_told_beside_its_field(
        self, mine: Client, what: str, typed: dict[str, str], says: str
    ) -> None:
        page = text_of(mine.post(reverse("primitive-set-new"), {**FORM, **typed, "add": what}))
        row = page[page.index(f'id="row-{what}"') :].split("</article>")[0]
        assert 'role="alert"' in row
        assert says in row
        assert "<script>" not in row

    @pytest.mark.parametrize("kind", ["operands", "unary", "binary"])
    def test_a_set_needs_one_of_each_kind(self, mine: Client, kind: str) -> None:
        page = text_of(mine.post(reverse("primitive-set-new"), {**FORM, kind: []}))
        assert "Choose at least one" in page
        assert not PrimitiveSet.objects.filter(owner__isnull=False).exists()

    def test_the_size_follows_what_is_chosen(self, mine: Client) -> None:
        answer = mine.post(reverse("primitive-set-size"), TOKENS).json()
        assert answer["sizes"][0] == f"{Space(**TOKENS, groups=1).size:,}"  # type: ignore[arg-type]
        assert answer["sizes"][1] == f"{Space(**TOKENS, groups=2).size:,}"  # type: ignore[arg-type]
        assert len(answer["sizes"]) == 5
        assert "Choose" in mine.post(reverse("primitive-set-size"), {"operands": ["g"]}).json()["error"]
        assert mine.post(reverse("primitive-set-size"), {**TOKENS, "unary": ["tan"]}).json()["error"]

    def test_a_search_is_started_with_a_set(self, mine: Client, theirs: Client, own: PrimitiveSet) -> None:
        chosen = f'<option value="{own.pk}" selected>'
        assert reverse("search-new") + f"?set={own.pk}" in text_of(mine.get(reverse("primitive-set", args=[own.pk])))
        assert chosen in text_of(mine.get(reverse("search-new"), {"set": own.pk}))
        assert chosen not in text_of(theirs.get(reverse("search-new"), {"set": own.pk}))

    def test_any_set_that_one_may_see_is_a_start(self, mine: Client, theirs: Client, own: PrimitiveSet) -> None:
        address = reverse("primitive-set-new")
        assert 'value="sign" checked' in text_of(mine.get(address, {"from": own.pk}))
        for client, start in ((theirs, str(own.pk)), (mine, "none"), (mine, "9" * 40)):
            assert " checked" not in text_of(client.get(address, {"from": start}))


class TestWhose:
    NAMES = ("primitive-set-edit", "primitive-set-rename", "primitive-set-delete")

    @pytest.mark.parametrize("name", NAMES)
    def test_nobody_changes_somebody_elses_set_or_a_built_in_one(
        self, theirs: Client, own: PrimitiveSet, built_in: PrimitiveSet, name: str
    ) -> None:
        for row in (own, built_in):
            assert theirs.post(reverse(name, args=[row.pk]), {**FORM, "name": "taken"}).status_code == 404
        assert theirs.post(reverse("primitive-set-restore", args=[own.pk, 1])).status_code == 404
        own.refresh_from_db()
        assert own.name == "mine"

    def test_somebody_elses_set_is_not_there_a_built_in_one_is(
        self, theirs: Client, own: PrimitiveSet, built_in: PrimitiveSet
    ) -> None:
        assert theirs.get(reverse("primitive-set", args=[own.pk])).status_code == 404
        assert theirs.get(reverse("primitive-set", args=[built_in.pk])).status_code == 200
        listed = text_of(theirs.get(reverse("primitive-set-list")))
        assert reverse("primitive-set", args=[built_in.pk]) in listed
        assert reverse("primitive-set", args=[own.pk]) + '"' not in listed

    def test_nobody_is_asked_to_sign_in(self, client: Client, own: PrimitiveSet) -> None:
        read = [reverse("primitive-set-list"), reverse("primitive-set-new"), reverse("primitive-set", args=[own.pk])]
        write = [reverse("primitive-set-size"), *(reverse(name, args=[own.pk]) for name in self.NAMES)]
        answers = [*map(client.get, read), *map(client.post, write)]
        assert all(answer.headers["Location"].startswith(reverse("login")) for answer in answers)
        own.refresh_from_db()
        assert own.name == "mine"

    def test_the_list_asks_a_fixed_number_of_queries(
        self, mine: Client, owner: User, django_assert_max_num_queries: Any
    ) -> None:
        for number in range(6):
            versions.create_set(owner=owner, name=f"set {number}", tokens=PrimitivesConfig(**TOKENS))  # type: ignore[arg-type]
        with django_assert_max_num_queries(6):
            mine.get(reverse("primitive-set-list"))


class TestExplained:
    @pytest.mark.parametrize("name", PRIMITIVES)
    def test_every_primitive_has_a_formula_help_and_cost(self, name: str) -> None:
        one = explain_primitive(name)
        assert one.primitive is PRIMITIVES[name]
        assert one.mathml.startswith("<math")
        assert one.title
        assert one.help
        assert one.cost

    @pytest.mark.parametrize("name", [*UNARIES, "drop", "ld", "cd", "rd", "anneal"])
    def test_every_unary_function_and_decay_is_drawn(self, name: str) -> None:
        picture = curve(name, PRIMITIVES[name].defaults)
        assert picture.startswith("<svg")
        assert "nan" not in picture
        assert "inf" not in picture
        assert "style=" not in picture

    @pytest.mark.parametrize("name", UNARIES)
    def test_what_is_drawn_is_what_the_optimizer_computes(self, name: str) -> None:
        xs = torch.linspace(-3, 3, 61, dtype=torch.float64)
        values = PRIMITIVES[name].defaults
        drawn = [DRAWN[name].value(float(x), *values) for x in xs]
        torch.testing.assert_close(torch.tensor(drawn, dtype=torch.float64), UNARIES[name](xs, *values))

    def test_decays_are_drawn_as_they_are_computed(self) -> None:
        for t in range(0, STEPS + 1, 37):
            assert DRAWN["ld"].value(t) == decays.linear_decay(t, STEPS)
            assert DRAWN["cd"].value(t, 0.5) == pytest.approx(decays.cyclical_decay(t, STEPS, 0.5))
            assert DRAWN["rd"].value(t, 3.0) == pytest.approx(decays.restart_decay(t, STEPS, 3.0))
        assert DRAWN["anneal"].value(3, 0.55) ** 2 == pytest.approx(1 / (1 + 3) ** 0.55)

    @pytest.mark.parametrize("limit", [1e-5, 1e-3, 1000.0])
    def test_a_clip_is_drawn_around_its_own_limit(self, limit: float) -> None:
        picture = curve("clip", (limit,))
        line = re.search(r'curve__line" d="([^"]*)"', picture)
        assert line
        assert line[1].count("M") == 1  # one line, without gaps
        heights = {float(y) for _, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", line[1])}
        assert len(heights) > 20  # the slope is seen, not only the limits

    def test_costs_are_the_states_that_the_optimizer_keeps(self) -> None:
        assert "2 numbers for each weight" in explain_token("adam", "operand").cost[0]
        assert "0.95" in explain_token("m(0.95)", "operand").cost[0]
        assert explain_token("g", "operand").cost == [costs.FREE]
        assert explain_token("drop(0.3)", "unary").cost == [costs.RANDOM]
        assert explain_token("cd", "operand").cost == [costs.TOTAL]
        assert len(costs.state_of(["m", "adam", "sign(m)", "v", "rmsprop"])) == 2

    def test_a_token_of_every_primitive_can_be_written(self) -> None:
        for row in PRIMITIVES.values():
            assert explain_token(default_token(row), row.kind).primitive is row

    def test_gaps_are_no_numbers(self) -> None:
        assert not math.isfinite(DRAWN["log"].value(0.0))
