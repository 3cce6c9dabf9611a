"""A rule's page and its optimizer file."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from searchapp.models import Candidate, Search


@pytest.fixture
def search(trained_search: Search) -> Search:
    return trained_search


def text_of(response: Any) -> str:
    return response.content.decode()


class TestRulePage:
    def test_it_shows_the_equation_the_runs_and_how_to_use_it(self, mine: Client, search: Search) -> None:
        page = text_of(mine.get(reverse("rule", args=[search.pk, 1])))
        assert "75.00\N{NO-BREAK SPACE}%" in page
        assert page.count("<td>sweep</td>") == 1
        assert 'id="runs"' in page
        assert "model.parameters()" in page

    def test_its_update_can_be_copied_as_a_python_expression(self, mine: Client, search: Search) -> None:
        Candidate.objects.filter(search=search, index=1).update(text="exp(sign(g) * sign(m)) * g")
        page = text_of(mine.get(reverse("rule", args=[search.pk, 1])))
        assert "torch.exp(torch.sign(g) * torch.sign(m)) * g</code>" in page

    def test_a_random_rule_offers_its_file_only_for_an_expression_draws_twice(
        self, mine: Client, search: Search
    ) -> None:
        Candidate.objects.filter(search=search, index=1).update(text="a = drop(g, 0.3); a * a")
        assert 'id="copy-expression"' not in text_of(mine.get(reverse("rule", args=[search.pk, 1])))

    def test_a_rule_that_waits_says_so(self, mine: Client, search: Search) -> None:
        assert "This rule waits for a worker." in text_of(mine.get(reverse("rule", args=[search.pk, 2])))

    def test_a_duplicate_leads_to_the_rule_that_was_trained(self, mine: Client, search: Search) -> None:
        first = search.candidates.get(index=1)
        Candidate.objects.filter(search=search, index=2).update(
            duplicate_of=first, status="finished", outcome="duplicate", reward=first.reward
        )
        page = text_of(mine.get(reverse("rule", args=[search.pk, 2])))
        assert f'href="{reverse("rule", args=[search.pk, 1])}"' in page
        assert "was not trained again" in page

    @pytest.mark.parametrize("index", [3, 10**30])
    def test_a_rule_that_was_never_proposed_is_not_there(self, mine: Client, search: Search, index: int) -> None:
        assert mine.get(reverse("rule", args=[search.pk, index])).status_code == 404

    def test_the_download_is_a_python_file_with_the_rules_class(self, mine: Client, search: Search) -> None:
        response = mine.get(reverse("rule-export", args=[search.pk, 1]))
        source = text_of(response)
        compile(source, "optimizer.py", "exec")
        assert re.fullmatch(
            r'attachment; filename="optimizer_[0-9a-f]{8}\.py"', response.headers["Content-Disposition"]
        )
        assert "class M(" in source
        assert "lr: float = 0.1" in source or "lr=0.1" in source


def test_a_reward_says_how_exact_it_is(mine: Client, search: Search) -> None:
    """√(0.75 · 0.25 / 250) = 2.74 %, on the 250 validation images of digits."""
    page = text_of(mine.get(reverse("rule", args=[search.pk, 1])))
    assert "± 2.74\N{NO-BREAK SPACE}% on 250 examples, one seed" in page


def test_a_rule_without_a_reward_claims_no_exactness(mine: Client, search: Search) -> None:
    Candidate.objects.filter(search=search, index=1).update(status="failed", outcome="", reward=None)
    assert "±" not in text_of(mine.get(reverse("rule", args=[search.pk, 1])))
