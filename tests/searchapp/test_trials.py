"""Trials: baselines and confirmations with the same fresh seeds, transfers and paths; counted once, whoever dies."""

import statistics
from collections.abc import Callable
from typing import Any

import pytest

from engine.children.messages import ChildJob
from engine.config import ChildConfig, SearchConfig
from engine.errors import ChildError, MachineError, TrainerDied
from engine.presets import NAMED_RULES
from searchapp import selectors, services
from searchapp.models import Candidate, CandidateStatus, Purpose, Search, SearchEvent, Trial, Worker
from searchapp.reaper import reap
from searchapp.trials import claims, plan, standing
from searchapp.workers import presence
from searchapp.workers.child import ChildWorker
from searchapp.workers.ledgers import TRIALS
from tests.searchapp.conftest import CONFIRMATION, Broker, Driver, QuickTrainer, SeededTrainer, result_of

pytestmark = pytest.mark.django_db(transaction=True)
MakeSearch = Callable[..., Search]


def trials(search: Search, purpose: Purpose) -> list[Trial]:
    return list(search.trials.filter(purpose=purpose).order_by("pk"))


def first_trial(search: Search) -> Trial:
    return search.trials.order_by("pk")[0]


def test_baselines_are_trained_with_every_fresh_seed_under_the_searchs_protocol(
    searched: Search, trainer: SeededTrainer
) -> None:
    rows = trials(searched, Purpose.BASELINE)
    assert [(row.name, row.number) for row in rows] == [(n, k) for k in range(3) for n in ("sgd", "adam")]
    assert {row.seed for row in rows} == {SearchConfig.confirmation_seed(k) for k in range(3)}
    jobs = [job for job in trainer.jobs if job.rule == NAMED_RULES["adam"].text]
    assert len(jobs) == 3
    own = SearchConfig.model_validate(searched.config).child
    assert all(job.child == own for job in jobs)


def test_the_best_rules_are_confirmed_with_seeds_that_the_search_never_saw(
    searched: Search, trainer: SeededTrainer
) -> None:
    best = list(standing.ranked(searched)[:2])
    assert {row.candidate for row in trials(searched, Purpose.CONFIRMATION)} == set(best)
    own = {job.seed for job in trainer.jobs if not job.key.startswith("trial.")}
    fresh = {row.seed for row in searched.trials.all()}
    assert not own & fresh
    for candidate in best:
        rewards = [row.reward for row in trials(searched, Purpose.CONFIRMATION) if row.candidate == candidate]
        assert candidate.confirmed_mean == pytest.approx(statistics.fmean(rewards))  # type: ignore[type-var]
        assert candidate.confirmed_std == pytest.approx(statistics.stdev(rewards))  # type: ignore[type-var]
        assert candidate.confirmed_n == 3


def test_the_leaderboard_ranks_by_the_confirmed_mean_and_then_by_reward(searched: Search) -> None:
    rows = selectors.leaderboard(searched, limit=500)
    confirmed = [row.candidate for row in rows if row.candidate.confirmed_n]
    assert [row.candidate for row in rows[: len(confirmed)]] == confirmed
    means = [candidate.confirmed_mean for candidate in confirmed]
    assert means == sorted(means, reverse=True)  # type: ignore[type-var]
    rest = [row.candidate.reward for row in rows[len(confirmed) :]]
    assert rest == sorted(rest, reverse=True)  # type: ignore[type-var]
    assert [row.rank for row in rows] == list(range(1, len(rows) + 1))
    paged = [row for start in range(0, len(rows), 2) for row in selectors.leaderboard(searched, limit=2, offset=start)]
    assert [row.candidate for row in paged] == [row.candidate for row in rows]
    assert searched.best_confirmed == confirmed[0]


def test_summary_and_snapshot_keep_reward_and_confirmed_mean_apart(searched: Search) -> None:
    summary = selectors.summary(searched)
    assert summary["best"]["reward"] == max(row.reward for row in standing.ranked(searched) if row.reward)
    assert summary["confirmed"]["mean"] == searched.best_confirmed.confirmed_mean  # type: ignore[union-attr]
    assert (summary["confirmed"]["n"], summary["trials_waiting"]) == (3, 0)
    lines = selectors.snapshot(searched)["baselines"]
    assert {line["name"]: line["n"] for line in lines} == {"sgd": 3, "adam": 3}
    assert [line["mean"] for line in lines] == sorted((line["mean"] for line in lines), reverse=True)


def test_a_candidate_is_confirmed_only_when_all_its_seeds_are_trained(
    make_search: MakeSearch, broker: Broker, trainer: SeededTrainer
) -> None:
    search = make_search(confirmation={**CONFIRMATION, "top": 0, "baselines": []})
    worker = ChildWorker("a", trainer)
    Driver(broker, [worker]).run()
    candidate = standing.ranked(search)[0]
    services.confirm_rule(candidate=candidate, seeds=2)
    first, second = search.trials.order_by("pk")
    worker.train(first.pk, TRIALS)
    candidate.refresh_from_db()
    assert candidate.confirmed_n == 0
    worker.train(second.pk, TRIALS)
    candidate.refresh_from_db()
    assert candidate.confirmed_n == 2
    services.confirm_rule(candidate=candidate, seeds=4)  # two more; the first two stand
    assert search.trials.count() == 4
    Driver(broker, [worker]).run()
    candidate.refresh_from_db()
    assert candidate.confirmed_n == 4
    assert len([job for job in trainer.jobs if job.key.startswith("trial.")]) == 4


def test_every_event_of_trials_has_its_number_and_what_it_came_to(searched: Search) -> None:
    seqs = list(searched.events.order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, len(seqs) + 1))
    events = searched.events.filter(kind="trial.finished")
    assert events.count() == searched.trials.count() == 12
    last: dict[str, Any] = {}
    for event in events.order_by("seq"):
        if event.payload["purpose"] == "baseline":
            last[event.payload["name"]] = event.payload
    assert {name: payload["n"] for name, payload in last.items()} == {"sgd": 3, "adam": 3}


def test_what_was_trained_on_this_server_before_is_not_trained_again(
    searched: Search, make_search: MakeSearch, broker: Broker, trainer: SeededTrainer
) -> None:
    before = len([job for job in trainer.jobs if job.key.startswith("trial.")])
    again = make_search(confirmation={**CONFIRMATION, "top": 0}, seed=8)
    assert {row.status for row in trials(again, Purpose.BASELINE)} == {"finished"}
    assert standing.baselines(again) == standing.baselines(searched)
    assert again.events.filter(kind="trial.finished").count() == 6
    Driver(broker, [ChildWorker("a", trainer)]).run()
    assert len([job for job in trainer.jobs if job.key.startswith("trial.")]) == before
    other = make_search(
        confirmation=CONFIRMATION, child={**again.config["child"], "network": "mlp", "network_settings": {}}
    )
    assert {row.status for row in trials(other, Purpose.BASELINE)} == {"queued"}


@pytest.mark.parametrize("seed", range(3))
def test_messages_in_any_order_and_twice_give_the_same_numbers(
    make_search: MakeSearch, broker: Broker, seed: int
) -> None:
    search = make_search(confirmation=CONFIRMATION)
    workers = [ChildWorker(name, SeededTrainer()) for name in "abc"]
    Driver(broker, workers, seed=seed, deliver_twice=True).run()
    search.refresh_from_db()
    assert search.status == "finished"
    assert [row.attempt for row in search.trials.all()] == [1] * 12
    assert search.best_confirmed is not None
    expected = result_of(f"{search.best_confirmed.text} {SearchConfig.confirmation_seed(0)} child").reward
    assert trials(search, Purpose.CONFIRMATION)
    assert expected in [row.reward for row in trials(search, Purpose.CONFIRMATION)]


def test_trials_rest_while_a_search_is_paused_and_go_on_with_it(make_search: MakeSearch, broker: Broker) -> None:
    search = make_search(confirmation=CONFIRMATION)
    services.pause_search(search=search)
    assert claims.claim(trial_id=first_trial(search).pk, worker_name="a") is None
    assert reap()["trials_sent_again"] == 0
    broker.messages.clear()
    services.resume_search(search=search)
    assert len(broker.sent("searchapp.tasks.train_trial")) == 6


def test_stopping_a_search_cancels_its_trials_also_in_training(make_search: MakeSearch) -> None:
    search = make_search(confirmation=CONFIRMATION)
    mine = claims.claim(trial_id=first_trial(search).pk, worker_name="a")
    assert mine is not None
    services.stop_search(search=search)
    assert not claims.renew(mine)
    assert not claims.record_result(trial_id=mine.trial_id, attempt=mine.attempt, result=result_of("g"))
    assert {row.status for row in search.trials.all()} == {"cancelled"}


def test_a_lost_worker_gives_its_trial_back_and_the_third_loss_fails_it(make_search: MakeSearch) -> None:
    search = make_search(confirmation=CONFIRMATION)
    trial = first_trial(search)
    worker = ChildWorker("a", QuickTrainer(raises(TrainerDied("The trainer ended with signal 9."))))
    assert [worker.train(trial.pk, TRIALS) for _ in range(3)] == ["trainer died"] * 3
    trial.refresh_from_db()
    assert (trial.status, trial.reward) == ("failed", None)
    assert "signal 9" in trial.reason


def test_a_lease_that_ran_out_gives_the_trial_to_another_worker(make_search: MakeSearch) -> None:
    search = make_search(confirmation=CONFIRMATION)
    old = claims.claim(trial_id=first_trial(search).pk, worker_name="a")
    assert old is not None
    assert reap()["trials_given_back"] == 0
    Trial.objects.filter(pk=old.trial_id).update(lease_until="2000-01-01T00:00Z")
    assert reap()["trials_given_back"] == 1
    new = claims.claim(trial_id=old.trial_id, worker_name="b")
    assert new is not None
    assert not claims.record_result(trial_id=old.trial_id, attempt=old.attempt, result=result_of("g", 0.1))
    assert claims.record_result(trial_id=new.trial_id, attempt=new.attempt, result=result_of("g", 0.2))
    assert Trial.objects.get(pk=old.trial_id).reward == 0.2


def test_a_worker_that_starts_again_gives_back_the_trial_it_held(make_search: MakeSearch) -> None:
    search = make_search(confirmation=CONFIRMATION)
    claims.claim(trial_id=first_trial(search).pk, worker_name="a")
    assert claims.give_back_of("b") == 0
    assert claims.give_back_of("a") == 1


def test_the_workers_row_names_the_trial_while_it_trains(make_search: MakeSearch) -> None:
    search = make_search(confirmation=CONFIRMATION)
    presence.register("a", search.queue, "cpu")
    seen = list[int | None]()
    trainer = QuickTrainer(lambda job: seen.append(Worker.objects.get(name="a").trial_id))
    ChildWorker("a", trainer).train(first_trial(search).pk, TRIALS)
    assert seen == [first_trial(search).pk]
    assert Worker.objects.get(name="a").trial_id is None


def test_a_failed_confirmation_says_why_and_can_be_asked_for_again(searched: Search, broker: Broker) -> None:
    candidate = standing.ranked(searched).filter(confirmed_n=0)[0]
    services.confirm_rule(candidate=candidate, seeds=1)
    trial = searched.trials.get(candidate=candidate)
    ChildWorker("a", QuickTrainer(raises(ChildError("No network of that size.")))).train(trial.pk, TRIALS)
    trial.refresh_from_db()
    assert (trial.status, trial.reason) == ("failed", "No network of that size.")
    services.confirm_rule(candidate=candidate, seeds=1)
    ChildWorker("a", SeededTrainer()).train(trial.pk, TRIALS)
    candidate.refresh_from_db()
    assert candidate.confirmed_n == 1
    assert candidate.confirmed_std is None  # one training has no spread


def test_a_machine_that_lacks_the_data_pauses_a_running_search_and_fails_the_trial_of_a_finished_one(
    make_search: MakeSearch, searched: Search
) -> None:
    lacking = ChildWorker("a", QuickTrainer(raises(MachineError("CIFAR-10 is not on this machine."))))
    running = make_search(confirmation={**CONFIRMATION, "seeds": 4})
    trial = running.trials.filter(status="queued").order_by("pk")[0]
    assert lacking.train(trial.pk, TRIALS) == "paused"
    running.refresh_from_db()
    trial.refresh_from_db()
    assert (running.status, trial.status) == ("paused", "queued")
    candidate = standing.ranked(searched).filter(confirmed_n=0)[0]
    services.confirm_rule(candidate=candidate, seeds=1)
    late = searched.trials.get(candidate=candidate)
    lacking.train(late.pk, TRIALS)
    late.refresh_from_db()
    assert late.status == CandidateStatus.FAILED
    assert "CIFAR-10 is not on this machine" in late.reason


def test_a_transfer_trains_the_rule_and_the_baselines_elsewhere(
    searched: Search, broker: Broker, trainer: SeededTrainer
) -> None:
    child = ChildConfig(dataset="digits", network="mlp")
    best = searched.best_confirmed
    assert best is not None
    row = services.transfer_rule(candidate=best, title="MLP on digits", child=child)
    Driver(broker, [ChildWorker("a", trainer)]).run()
    rows = list(row.trials.order_by("pk"))
    assert [trial.name for trial in rows] == ["", "sgd", "adam"]
    assert {trial.status for trial in rows} == {"finished"}
    jobs = [job for job in trainer.jobs if job.kind == "transfer"]
    assert {job.child.network for job in jobs} == {"mlp"}
    assert len({job.seed for job in jobs}) == 1
    best.refresh_from_db()
    assert best.confirmed_n == 3  # a transfer is no confirmation


def test_paths_are_drawn_of_a_rule_and_of_a_few_baselines_and_reused(
    searched: Search, broker: Broker, trainer: SeededTrainer
) -> None:
    first, second = standing.ranked(searched)[:2]
    services.draw_paths(candidate=first)
    Driver(broker, [ChildWorker("a", trainer)]).run()
    kinds = [(job.rule, job.kind) for job in trainer.jobs if job.kind == "paths"]
    assert len(kinds) == 1 + len(plan.PATH_BASELINES)
    services.draw_paths(candidate=second)
    Driver(broker, [ChildWorker("a", trainer)]).run()
    assert len([job for job in trainer.jobs if job.kind == "paths"]) == 2 + len(plan.PATH_BASELINES)


def test_a_rule_without_a_reward_can_be_neither_confirmed_nor_transferred(make_search: MakeSearch) -> None:
    from tests.searchapp.rows import propose

    candidate: Candidate = propose(make_search(), 1)[0]
    with pytest.raises(services.NotJudgedYet, match="it is queued"):
        services.confirm_rule(candidate=candidate, seeds=1)
    with pytest.raises(services.NotJudgedYet, match="no reward yet"):
        services.transfer_rule(candidate=candidate, title="x", child=ChildConfig())
    assert not Trial.objects.exists()
    assert not SearchEvent.objects.filter(kind="trial.finished").exists()


def raises(error: Exception) -> Callable[[ChildJob], object]:
    def during(job: ChildJob) -> None:
        raise error

    return during


def test_one_rule_that_stands_twice_among_the_best_is_confirmed_once(searched: Search, broker: Broker) -> None:
    first, second = standing.ranked(searched).filter(confirmed_n=0)[:2]
    Candidate.objects.filter(pk=second.pk).update(text=first.text, fingerprint=first.fingerprint)
    second.refresh_from_db()
    new = plan.confirm(searched, [first, second], seeds=2)
    assert [(row.candidate, row.number) for row in new] == [(first, 0), (first, 1)]


def test_a_second_worker_that_lacks_the_same_thing_loses_no_trial(make_search: MakeSearch) -> None:
    search = make_search(confirmation=CONFIRMATION)
    rows = list(search.trials.order_by("pk")[:2])
    claimed = [claims.claim(trial_id=row.pk, worker_name=name) for row, name in zip(rows, "ab", strict=True)]
    for one in claimed:
        assert one is not None
        assert claims.pause_for(trial_id=one.trial_id, attempt=one.attempt, reason="CIFAR-10 is not here.")
    search.refresh_from_db()
    assert search.status == "paused"
    assert {Trial.objects.get(pk=row.pk).status for row in rows} == {"queued"}


def test_a_new_transfer_wakes_no_trial_of_another_one(searched: Search) -> None:
    best, child = standing.ranked(searched)[0], ChildConfig(dataset="digits", network="mlp")
    first = services.transfer_rule(candidate=best, title="first", child=child)
    first.trials.update(status=CandidateStatus.CANCELLED)
    services.transfer_rule(candidate=best, title="second", child=child)
    assert {row.status for row in first.trials.all()} == {"cancelled"}


def test_numbers_that_were_taken_over_are_nobodys_work(searched: Search, make_search: MakeSearch) -> None:
    again = make_search(confirmation={**CONFIRMATION, "top": 0}, seed=9)
    assert {(row.status, row.worker_name, row.attempt) for row in again.trials.all()} == {("finished", "", 0)}
