"""What people ask for: it is saved whatever happens to the broker, and only allowed changes happen."""

from collections.abc import Callable
from typing import Any

import pytest
from celery import current_app
from django.contrib.auth.models import User
from pydantic import ValidationError

from searchapp import services
from searchapp.models import CandidateStatus, Queue, Search, SearchStatus, StatusChangeNotAllowed
from searchapp.models.statuses import ALLOWED_CHANGES, OVER, may_change
from searchapp.reaper import reap
from tests.searchapp.conftest import Broker
from tests.searchapp.rows import propose

pytestmark = pytest.mark.django_db
commits = pytest.mark.django_db(transaction=True)  # messages go out on commit
MakeSearch = Callable[..., Search]


def kinds(search: Search) -> list[str]:
    return [f"{row.kind}:{row.payload.get('status', '')}" for row in search.events.order_by("seq")]


@commits
def test_a_new_search_runs_and_a_control_worker_is_asked_to_advance_it(make_search: MakeSearch, broker: Broker) -> None:
    search = make_search()
    assert search.status == SearchStatus.RUNNING
    assert Search.objects.get(pk=search.pk).started_at is not None
    assert broker.messages == [("searchapp.tasks.advance_search", search.pk)]
    assert kinds(search) == ["search.status:queued", "search.status:running"]


@commits
def test_a_search_can_be_saved_first_and_started_later(make_search: MakeSearch, broker: Broker) -> None:
    search = make_search(start=False)
    assert (search.status, broker.messages) == (SearchStatus.QUEUED, [])
    assert services.start_search(search=search).status == SearchStatus.RUNNING
    assert len(broker.messages) == 1


def test_the_stored_configuration_is_complete_so_that_later_defaults_do_not_change_it(make_search: MakeSearch) -> None:
    search = make_search()
    assert search.config["child"]["network"] == "softmax"
    assert search.config["child"]["protocol"]["batch_size"] > 0
    assert (search.budget, search.seed) == (12, 7)


def test_a_wrong_configuration_saves_nothing(owner: User, config: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="budget"):
        services.create_search(owner=owner, name="wrong", config={**config, "budget": 0})
    assert not Search.objects.exists()


@commits
def test_a_search_is_saved_while_the_broker_is_down_and_goes_on_when_it_is_back(
    make_search: MakeSearch, broker: Broker
) -> None:
    broker.is_down = True
    search = make_search()
    assert Search.objects.filter(pk=search.pk, status=SearchStatus.RUNNING).exists()
    assert reap()["advanced"] == 0
    broker.is_down = False
    assert reap()["advanced"] == 1
    assert broker.messages == [("searchapp.tasks.advance_search", search.pk)]


@commits
def test_a_broker_that_refuses_connections_delays_nobody_and_raises_nothing(
    owner: User, config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    Queue.objects.get_or_create(name="default")
    monkeypatch.setattr(current_app.conf, "broker_url", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(current_app.conf, "broker_write_url", "redis://127.0.0.1:1/0")
    search = services.create_search(owner=owner, name="no broker", config=config)
    assert Search.objects.get(pk=search.pk).status == SearchStatus.RUNNING


@commits
def test_pausing_keeps_what_waits_and_resuming_sends_it_again(make_search: MakeSearch, broker: Broker) -> None:
    search = make_search()
    waiting = propose(search, 2)
    broker.messages.clear()
    assert services.pause_search(search=search).status == SearchStatus.PAUSED
    assert (broker.messages, reap()["sent_again"]) == ([], 0)
    services.resume_search(search=search)
    assert broker.sent("searchapp.tasks.train_child") == [row.pk for row in waiting]
    assert broker.sent("searchapp.tasks.advance_search") == [search.pk]


def test_stopping_cancels_what_waits_and_leaves_what_trains_to_its_heartbeat(make_search: MakeSearch) -> None:
    search = make_search()
    first, second = propose(search, 2)
    type(first).objects.filter(pk=first.pk).update(status="training", attempt=1, lease_until="2100-01-01T00:00Z")
    stopped = services.stop_search(search=search)
    assert stopped.status == SearchStatus.STOPPED
    assert stopped.finished_at is not None
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == (CandidateStatus.TRAINING, CandidateStatus.CANCELLED)


@pytest.mark.parametrize("status", SearchStatus.values)
@pytest.mark.parametrize(
    ("action", "wanted", "allowed_from"),
    [
        ("start", "running", {"queued"}),
        ("resume", "running", {"paused"}),
        ("pause", "paused", {"running"}),
        ("stop", "stopped", {"queued", "running", "paused"}),
    ],
)
def test_each_action_is_allowed_from_some_statuses_and_refused_with_a_sentence_from_the_others(
    make_search: MakeSearch, status: str, action: str, wanted: str, allowed_from: set[str]
) -> None:
    search = make_search()
    Search.objects.filter(pk=search.pk).update(status=status)
    if status in allowed_from:
        assert services.ACTIONS[action](search=search).status == wanted
        return
    with pytest.raises(StatusChangeNotAllowed, match=f"The search is {status}"):
        services.ACTIONS[action](search=search)
    assert Search.objects.get(pk=search.pk).status == status


def test_the_table_of_changes_names_every_status_and_what_is_over_stays_over() -> None:
    assert set(ALLOWED_CHANGES) == set(SearchStatus)
    assert {"finished", "stopped", "failed"} == OVER
    for status in OVER:  # a finished search may get a larger budget, or train again what failed; nothing else
        after = {wanted for wanted in SearchStatus.values if may_change(status, wanted)}
        assert after == ({SearchStatus.RUNNING} if status == SearchStatus.FINISHED else set())
