"""Trials on the pages and over the API: what they show, what they start, and for whom."""

from typing import Any

import pytest
from django.test import Client

from engine.evaluation.transfers import TRANSFERS
from searchapp.models import Candidate, Search, Transfer, Trial
from searchapp.trials import standing
from searchapp.workers.child import ChildWorker
from tests.searchapp.conftest import Broker, Driver, SeededTrainer

pytestmark = pytest.mark.django_db(transaction=True)
FIRST = next(iter(TRANSFERS))


@pytest.fixture
def best(searched: Search) -> Candidate:
    assert searched.best_confirmed is not None
    return searched.best_confirmed


@pytest.fixture
def page(searched: Search, best: Candidate) -> str:
    return f"/searches/{searched.pk}/rules/{best.index}/"


@pytest.fixture
def api(searched: Search, best: Candidate) -> str:
    return f"/api/searches/{searched.pk}/candidates/{best.index}/"


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def train(broker: Broker, trainer: SeededTrainer) -> None:
    Driver(broker, [ChildWorker("a", trainer)]).run()


class TestLivePage:
    def test_the_leaderboard_keeps_confirmed_rules_and_baselines_apart_from_rewards(
        self, mine: Client, searched: Search
    ) -> None:
        board = text(mine, f"/searches/{searched.pk}/leaderboard/")
        confirmed, rest = board.split("By reward")
        assert "Confirmed with fresh seeds" in confirmed
        for title in ("SGD", "Adam"):
            assert title in confirmed
            assert title not in rest.partition("</table>")[0]
        assert confirmed.count("(3)") == 4  # two rules and two baselines, each with the n of its mean

    def test_the_header_tells_the_best_confirmed_rule_with_its_spread(self, mine: Client, searched: Search) -> None:
        page = text(mine, f"/searches/{searched.pk}/")
        assert searched.best_confirmed is not None
        assert f"{100 * (searched.best_confirmed.confirmed_mean or 0):.2f}" in page
        assert "Confirm the best" not in page  # they are

    def test_a_search_stopped_early_offers_to_confirm_its_best(
        self, mine: Client, trained_search: Search, broker: Broker
    ) -> None:
        from searchapp import services

        services.stop_search(search=trained_search)
        address = f"/searches/{trained_search.pk}/"
        trained_search.config["confirmation"] = {"top": 1, "seeds": 2, "baselines": []}
        trained_search.save(update_fields=["config"])
        assert "Confirm the best" in text(mine, address)
        answer = mine.post(f"{address}confirm/", follow=True).content.decode()
        assert "2 trainings" in answer
        assert len(broker.sent("searchapp.tasks.train_trial")) == 2
        assert "being trained with fresh seeds" in answer or "No worker is running" in answer
        assert "nothing left to confirm" in mine.post(f"{address}confirm/", follow=True).content.decode()


class TestRulePage:
    def test_it_shows_the_mean_the_spread_and_the_difference_from_each_baseline(
        self, mine: Client, page: str, best: Candidate
    ) -> None:
        shown = text(mine, page)
        assert "Mean of 3 fresh seeds" in shown
        assert f"{100 * (best.confirmed_mean or 0):.2f}" in shown
        assert "Rule − baseline" in shown

    def test_a_confirmation_starts_and_the_fragment_follows_it(
        self, mine: Client, searched: Search, broker: Broker, trainer: SeededTrainer
    ) -> None:
        other = standing.ranked(searched).filter(confirmed_n=0)[0]
        page = f"/searches/{searched.pk}/rules/{other.index}/"
        answer = mine.post(f"{page}confirm/", {"seeds": "2"})
        assert answer.status_code == 302
        assert "2 trainings with fresh seeds to go" in text(mine, f"{page}trials/")
        train(broker, trainer)
        assert "data-waiting" not in text(mine, f"{page}trials/")
        assert "Mean of 2 fresh seeds" in text(mine, page)

    @pytest.mark.parametrize("seeds", ["0", "101", "many", ""])
    def test_a_wrong_number_of_seeds_is_an_error_and_starts_nothing(
        self, mine: Client, page: str, searched: Search, seeds: str
    ) -> None:
        before = Trial.objects.count()
        answer = mine.post(f"{page}confirm/", {"seeds": seeds}, follow=True)
        assert 'class="notice notice--error"' in answer.content.decode()
        assert Trial.objects.count() == before

    def test_a_transfer_is_chosen_checked_and_started(
        self, mine: Client, page: str, broker: Broker, trainer: SeededTrainer
    ) -> None:
        form = text(mine, f"{page}transfer/")
        assert all(row.title in form for row in TRANSFERS.values())
        wrong = mine.post(f"{page}transfer/", {"to": FIRST, "protocol__epochs": "0"})
        assert wrong.status_code == 200
        assert "Nothing was started yet" in wrong.content.decode()
        assert not Transfer.objects.exists()
        right = mine.post(f"{page}transfer/", {"to": FIRST, "protocol__epochs": "2", "network": "mlp"})
        assert right.status_code == 302
        row = Transfer.objects.get()
        assert (row.child["network"], row.child["protocol"]["epochs"]) == ("mlp", 2)
        assert "3 of 3 rules to go" in text(mine, page)
        train(broker, trainer)
        assert "data-waiting" not in text(mine, page)

    def test_ways_are_asked_for_once(self, mine: Client, page: str, broker: Broker, trainer: SeededTrainer) -> None:
        assert "Draw its ways" in text(mine, page)
        mine.post(f"{page}paths/")
        mine.post(f"{page}paths/")
        assert Trial.objects.filter(purpose="paths").count() == 4
        assert "Draw its ways" not in text(mine, page)

    def test_the_file_says_how_the_rule_was_measured(self, mine: Client, page: str, best: Candidate) -> None:
        header = text(mine, f"{page}optimizer.py").partition("import")[0]
        assert "mean of 3 fresh seeds" in header
        assert f"{100 * (best.confirmed_mean or 0):.2f}" in header
        assert "it chose the rule" in header


class TestApi:
    def test_trials_baselines_and_ranks_are_there_as_json(
        self, mine: Client, api: str, searched: Search, best: Candidate
    ) -> None:
        trials = mine.get(f"{api}trials").json()
        assert trials["confirmation"]["spread"]["mean"] == best.confirmed_mean
        assert {row["name"] for row in trials["confirmation"]["against"]} == {"sgd", "adam"}
        assert all(row["difference"]["n"] == 3 for row in trials["confirmation"]["against"])
        lines = mine.get(f"/api/searches/{searched.pk}/baselines").json()
        assert [line["n"] for line in lines] == [3, 3]
        board = mine.get(f"/api/searches/{searched.pk}/leaderboard").json()
        assert (board[0]["index"], board[0]["confirmed_n"]) == (best.index, 3)

    def test_a_difference_is_taken_seed_by_seed(self, mine: Client, api: str, searched: Search) -> None:
        row = mine.get(f"{api}trials").json()["confirmation"]["against"][0]
        theirs = {t.number: t.reward for t in searched.trials.filter(name=row["name"])}
        own = {t["number"]: t["reward"] for t in mine.get(f"{api}trials").json()["confirmation"]["trainings"]}
        expected = sum(own[k] - theirs[k] for k in own) / 3
        assert row["difference"]["mean"] == pytest.approx(expected)

    def test_each_is_started_over_the_api(self, mine: Client, api: str, searched: Search) -> None:
        answers = [
            post(mine, f"{api}confirm", {"seeds": 5}),
            post(mine, f"{api}transfer", {"to": FIRST}),
            post(mine, f"{api}transfer", {"child": {"dataset": "digits", "network": "softmax"}}),
            post(mine, f"{api}paths", {}),
        ]
        assert [answer.status_code for answer in answers] == [202] * 4
        assert answers[-1].json()["confirmation"]["waiting"] == 2
        assert len(answers[-1].json()["transfers"]) == 2

    @pytest.mark.parametrize(
        ("path", "body", "field"),
        [
            ("confirm", {"seeds": 0}, "seeds"),
            ("confirm", {"seed": 3}, "seed"),
            ("transfer", {}, "to"),
            ("transfer", {"to": "nowhere"}, "to"),
            ("transfer", {"to": FIRST, "child": {}}, "to"),
            ("transfer", {"child": {"network": "nothing"}}, "child.network"),
        ],
    )
    def test_what_is_wrong_is_said_by_field(
        self, mine: Client, api: str, path: str, body: dict[str, Any], field: str
    ) -> None:
        answer = post(mine, f"{api}{path}", body)
        assert answer.status_code == 422
        assert field in answer.json()["errors"]

    def test_a_rule_without_a_reward_answers_409(self, mine: Client, trained_search: Search) -> None:
        answer = post(mine, f"/api/searches/{trained_search.pk}/candidates/2/confirm", {})
        assert answer.status_code == 409
        assert "no reward yet" in answer.json()["message"]


def test_strangers_and_nobody_get_nothing_and_start_nothing(
    theirs: Client, client: Client, page: str, api: str, searched: Search
) -> None:
    before = Trial.objects.count()
    for path in ("confirm", "transfer", "paths"):
        assert theirs.post(f"{page}{path}/", {"seeds": "9"}).status_code == 404
        assert client.post(f"{page}{path}/", {"seeds": "9"}).status_code == 302
        assert post(theirs, f"{api}{path}", {}).status_code == 404
        assert post(client, f"{api}{path}", {}).status_code == 401
    assert theirs.get(f"{page}trials/").status_code == 404
    assert theirs.get(f"{api}trials").status_code == 404
    assert theirs.post(f"/searches/{searched.pk}/confirm/").status_code == 404
    assert theirs.get(f"/api/searches/{searched.pk}/baselines").status_code == 404
    assert Trial.objects.count() == before


def post(client: Client, address: str, body: dict[str, Any]) -> Any:
    return client.post(address, body, content_type="application/json")
