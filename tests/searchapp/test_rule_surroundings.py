"""What stands around one rule: its reading, tree, relatives, notes and tags, and the search that starts from it."""

import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse

from engine.language import Rule
from engine.language.tree import walk
from engine.language.words import words
from engine.presets import NAMED_RULES
from searchapp.markdown import LONGEST_NOTES
from searchapp.models import Candidate, ChildRun, Search
from searchapp.rules import drawing
from searchapp.rules.relatives import MOST, parts, relatives
from tests.searchapp.rows import propose

SVG = "{http://www.w3.org/2000/svg}"


def write(search: Search, texts: dict[str, list[str]], **changes: Any) -> list[Candidate]:
    """Candidates of these rules (text -> tokens), all finished, the later the better."""
    rows = propose(search, len(texts))
    for row, (text, tokens) in zip(rows, texts.items(), strict=True):
        rule = Rule.parse(text)
        row.text, row.tokens, row.complexity, row.fingerprint = text, tokens, rule.complexity, rule.fingerprint
        row.words = f" {' '.join(sorted(words(rule.tree)))} "
        row.status, row.outcome, row.reward = "finished", "trained", 0.5 + row.index / 100
        row.save()
    return rows


class TestDrawing:
    @pytest.mark.parametrize("name", NAMED_RULES)
    def test_every_operand_and_function_has_its_box_and_none_overlap(self, name: str) -> None:
        tree = NAMED_RULES[name].rule.canonical.tree
        svg = ElementTree.fromstring(drawing.tree_svg(Rule(tree)))
        boxes = [
            tuple(float(rect.attrib[key]) for key in ("x", "y", "width", "height")) for rect in svg.iter(f"{SVG}rect")
        ]
        nodes = list(walk(tree))
        assert len(boxes) == len(nodes)
        assert len(list(svg.iter(f"{SVG}path"))) == len(nodes) - 1
        width, height = float(svg.attrib["width"]), float(svg.attrib["height"])
        for place, (x, y, w, h) in enumerate(boxes):
            assert x >= 0
            assert y >= 0
            assert x + w <= width
            assert y + h <= height
            for other in boxes[place + 1 :]:
                assert other[1] != y or other[0] >= x + w or x >= other[0] + other[2], "boxes of one level overlap"

    def test_it_holds_no_style_and_no_script(self) -> None:
        svg = drawing.tree_svg(Rule.parse("clip(g, 1e-3) / exp(m)"))
        assert "style=" not in svg
        assert "<script" not in svg
        assert ">clip 10⁻³</text>" in svg

    def test_a_huge_tree_is_not_drawn(self) -> None:
        text = "exp(m) + g"
        for _ in range(6):
            text = f"sqrt({text}) * log({text})"
        assert drawing.tree_svg(Rule.parse(text)) == ""


class TestRelatives:
    def test_one_token_changed_comes_first_and_says_what(self, make_search: Callable[..., Search]) -> None:
        search = make_search()
        rows = write(
            search,
            {
                "exp(m) * g": ["m", "g", "exp", "x", "*"],
                "exp(m) * v": ["m", "v", "exp", "x", "*"],
                "exp(m) * sign(g)": ["m", "g", "exp", "sign", "*"],
                "exp(m) * g + m": ["m", "g", "exp", "x", "*", "#1", "m", "x", "x", "+"],
                "sqrt(v)": ["v", "v", "sqrt", "x", "left"],
            },
        )
        found = relatives(search, rows[0])
        assert [(one.candidate.index, one.how) for one in found] == [
            (2, "sign instead of x"),
            (1, "v instead of g"),
            (3, "both have exp(m) * g"),
        ]

    def test_duplicates_are_no_relatives_and_other_searches_have_none(self, make_search: Callable[..., Search]) -> None:
        search, other = make_search(), make_search()
        first, second = write(search, {"exp(m) * g": ["a"], "g * exp(m)": ["b"]})
        Candidate.objects.filter(pk=second.pk).update(duplicate_of=first)
        write(other, {"exp(m) * v": ["c"]})
        assert relatives(search, first) == []

    def test_at_most_ten_in_one_query(self, make_search: Callable[..., Search], django_assert_num_queries: Any) -> None:
        search = make_search(budget=40)
        rows = write(search, {f"exp(m) * clip(g, {k / 100})": ["m", str(k)] for k in range(1, 26)})
        with django_assert_num_queries(1):
            found = relatives(search, rows[0])
        assert len(found) == MOST

    def test_parts_are_subtrees_with_their_counts(self) -> None:
        assert parts("exp(g) * g") == {("g", 1): 2, ("exp(g)", 2): 1, ("exp(g) * g", 4): 1}
        assert parts("no rule") is None


@pytest.fixture
def search(trained_search: Search) -> Search:
    return trained_search


def page_of(client: Client, search: Search, index: int = 1) -> str:
    return client.get(reverse("rule", args=[search.pk, index])).content.decode()


class TestPage:
    def test_it_reads_and_draws_the_rule(self, mine: Client, search: Search) -> None:
        Candidate.objects.filter(search=search, index=1).update(text="exp(sign(g) * sign(m)) * g")
        page = page_of(mine, search)
        assert "agree in sign the step is e times longer, where they disagree it is e times shorter." in page
        assert page.count('class="tree__node ') == 8

    def test_several_final_runs_are_called_so(self, mine: Client, search: Search) -> None:
        assert "line: final run" in page_of(mine, search)
        candidate = search.candidates.get(index=1)
        ChildRun.objects.create(
            candidate=candidate, attempt=1, position=9, stage="final", learning_rate=0.1, outcome="trained", seconds=1
        )
        assert "lines: the 2 final runs" in page_of(mine, search)

    def test_a_search_can_start_from_it(self, mine: Client, search: Search) -> None:
        page = page_of(mine, search)
        address = f"{reverse('search-new')}?from={search.pk}&amp;start=1"
        assert f'href="{address}"' in page
        form = mine.get(address.replace("&amp;", "&")).content.decode()
        assert re.search(r"<textarea[^>]*start_rules[^>]*>\s*m</textarea>", form)

    @pytest.mark.parametrize("start", ["", "99", "x", "-1", "9" * 30])
    def test_a_start_that_is_no_rule_of_the_search_is_left_out(self, mine: Client, search: Search, start: str) -> None:
        form = mine.get(f"{reverse('search-new')}?from={search.pk}&start={start}")
        assert form.status_code == 200
        assert re.search(r"<textarea[^>]*start_rules[^>]*>\s*</textarea>", form.content.decode())


class TestNotes:
    def post(self, client: Client, search: Search, **form: str) -> Any:
        return client.post(reverse("rule-notes", args=[search.pk, 1]), {"notes": "", "tags": "", **form})

    def test_they_are_kept_and_shown_as_clean_html(self, mine: Client, search: Search) -> None:
        response = self.post(mine, search, notes="**Good** <script>alert(1)</script>", tags="keep, try again, Keep")
        assert response.status_code == 302
        candidate = search.candidates.get(index=1)
        assert candidate.tags == ["keep", "try again"]
        page = page_of(mine, search)
        assert "<strong>Good</strong>" in page
        assert "<script>alert" not in page
        assert f"{reverse('rule-list', args=[search.pk])}?q=try%20again" in page

    @pytest.mark.parametrize(
        "form", [{"notes": "x" * (LONGEST_NOTES + 1)}, {"notes": "a\0b"}, {"tags": "t" * 60}, {"tags": "a\tb"}]
    )
    def test_what_cannot_be_kept_is_refused_and_nothing_typed_is_lost(
        self, mine: Client, search: Search, form: dict[str, str]
    ) -> None:
        typed = {"notes": "my thoughts", "tags": "mine", **form}
        response = self.post(mine, search, **typed)
        page = response.content.decode()
        assert response.status_code == 422
        assert "Nothing was saved" in page
        assert ("my thoughts" in page) == (typed["notes"] == "my thoughts")
        assert search.candidates.get(index=1).notes == ""

    def test_nobody_elses(self, theirs: Client, client: Client, search: Search) -> None:
        assert self.post(theirs, search, notes="mine now").status_code == 404
        assert self.post(client, search, notes="mine now").status_code == 302
        assert search.candidates.get(index=1).notes == ""

    def test_a_post_needs_its_token(self, owner: Any, search: Search) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(owner)
        assert self.post(strict, search, notes="forged").status_code == 403
