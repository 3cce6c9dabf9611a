"""What is done with a search that is there: by services, pages and API alike, by its owner only."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from searchapp import results, services
from searchapp.best_so_far import best_so_far, sparkline
from searchapp.comparison import settings_of
from searchapp.cost import with_cost
from searchapp.editing.clone import changed, copy_name
from searchapp.editing.errors import EditNotAllowed
from searchapp.editing.extend import extend_search
from searchapp.editing.retry import retry_failed
from searchapp.leases import claim
from searchapp.models import Candidate, CandidateStatus, Search, Trial
from searchapp.models.statuses import SearchStatus
from searchapp.workers.child import ChildWorker
from tests.searchapp.conftest import Broker, Driver, QuickTrainer, result_of
from tests.searchapp.rows import propose

MakeSearch = Callable[..., Search]
JSON = "application/json"


def text_of(response: Any) -> str:
    return str(response.content.decode())


def fresh(search: Search) -> Search:
    return Search.objects.get(pk=search.pk)


@pytest.fixture
def failed_search(make_search: MakeSearch, broker: Broker) -> Search:
    """Finished; two different candidates of observed rounds failed, with the duplicates that they have."""
    search = make_search(confirmation={"top": 1, "seeds": 1, "baselines": []})
    worker, driver = ChildWorker("w", QuickTrainer()), Driver(broker, [])
    while broker.messages:
        task, row_id = broker.messages.pop(0)
        row = Candidate.objects.filter(pk=row_id).first() if task.endswith("train_child") else None
        if row and row.index in (1, 5):
            taken = claim(candidate_id=row.pk, worker_name="w")
            assert taken is not None
            results.fail(candidate_id=row.pk, attempt=taken.attempt, reason="The machine was switched off.")
        else:
            driver.workers = [worker]
            driver.deliver(task, row_id)
    search.refresh_from_db()
    assert search.status == SearchStatus.FINISHED
    assert search.candidates.filter(status=CandidateStatus.FAILED, duplicate_of=None).count() == 2
    return search


# --- training again what failed ---


@pytest.mark.django_db(transaction=True)
class TestRetry:
    def test_a_finished_search_trains_them_for_the_leaderboard_and_is_finished_again(
        self, failed_search: Search, broker: Broker
    ) -> None:
        before = list(failed_search.rounds.order_by("number").values_list("metrics", "observed_at"))
        failed = list(failed_search.candidates.filter(status=CandidateStatus.FAILED).values_list("index", flat=True))
        count = len(failed)
        retried = retry_failed(search=failed_search)
        assert (retried.candidates, retried.unobserved, retried.trials) == (count, count, 0)
        assert fresh(failed_search).status == SearchStatus.RUNNING
        assert fresh(failed_search).candidates_done == 12 - count
        Driver(broker, [ChildWorker("w", QuickTrainer())]).run()
        ended = fresh(failed_search)
        assert (ended.status, ended.candidates_done) == (SearchStatus.FINISHED, 12)
        for candidate in failed_search.candidates.filter(index__in=failed):
            assert candidate.reward == result_of(candidate.text).reward
            assert (candidate.unobserved, candidate.reason) == (True, "")
        assert before == list(failed_search.rounds.order_by("number").values_list("metrics", "observed_at"))

    def test_a_search_that_is_extended_afterwards_tells_its_controller_what_it_told_it_then(
        self, failed_search: Search, broker: Broker
    ) -> None:
        retry_failed(search=failed_search)
        driver = Driver(broker, [ChildWorker("w", QuickTrainer())])
        driver.run()
        rules = list(failed_search.candidates.order_by("index").values_list("tokens", flat=True))
        extend_search(search=failed_search, budget=18)
        driver.run()
        assert fresh(failed_search).candidates_done == 18
        assert rules == list(failed_search.candidates.order_by("index").values_list("tokens", flat=True))[:12]

    def test_in_an_open_round_it_is_as_if_it_had_not_failed(self, make_search: MakeSearch, broker: Broker) -> None:
        search, other = make_search(controller={"name": "ppo"}), make_search(controller={"name": "ppo"})
        driver = Driver(broker, [ChildWorker("w", QuickTrainer())])
        driver.deliver(*broker.messages.pop(0))
        first = search.candidates.get(index=0)
        taken = claim(candidate_id=first.pk, worker_name="w")
        assert taken is not None
        results.fail(candidate_id=first.pk, attempt=taken.attempt, reason="The machine was switched off.")
        assert retry_failed(search=search)[:2] == (1, 0)
        driver.run()
        rows = [
            list(one.candidates.order_by("index").values_list("tokens", "reward", "unobserved"))
            for one in (search, other)
        ]
        assert rows[0] == rows[1]

    def test_failed_trials_are_queued_again_also_in_a_stopped_search(
        self, make_search: MakeSearch, broker: Broker
    ) -> None:
        search = make_search(confirmation={"top": 0, "seeds": 2, "baselines": ["sgd"]})
        services.stop_search(search=search)
        Trial.objects.update(status=CandidateStatus.FAILED, reason="lost", losses=3)
        search.candidates.update(status=CandidateStatus.FAILED)
        broker.messages.clear()
        assert retry_failed(search=search) == (0, 0, 2)
        assert len(broker.sent("searchapp.tasks.train_trial")) == 2
        assert set(Trial.objects.values_list("status", "losses", "reason")) == {("queued", 0, "")}
        assert fresh(search).status == SearchStatus.STOPPED

    def test_where_nothing_failed_nothing_happens(self, trained_search: Search) -> None:
        events = trained_search.events_count
        with pytest.raises(EditNotAllowed, match="No child or trial of this running search failed"):
            retry_failed(search=trained_search)
        assert fresh(trained_search).events_count == events


# --- whose search it is ---

PAGES = ("search-extend", "search-retry", "search-archive", "search-unarchive", "search-delete", "search-labels")
API = [
    ("patch", "", {"notes": "x"}),
    ("delete", "", {}),
    ("get", "/labels", {}),
    ("get", "/settings", {}),
    ("post", "/clone", {}),
    ("post", "/extend", {"budget": 100}),
    ("post", "/retry", {}),
]


@pytest.mark.django_db
class TestOtherPeople:
    @pytest.mark.parametrize("name", PAGES)
    def test_pages_of_a_foreign_search_are_not_there(self, theirs: Client, trained_search: Search, name: str) -> None:
        before = fresh(trained_search)
        assert theirs.post(reverse(name, args=[trained_search.pk])).status_code == 404
        assert fresh(trained_search).events_count == before.events_count

    @pytest.mark.parametrize("name", [*PAGES, "search-settings"])
    def test_nobody_is_asked_to_sign_in(self, client: Client, trained_search: Search, name: str) -> None:
        answer = client.post(reverse(name, args=[trained_search.pk]))
        assert answer.status_code in (302, 405)
        assert Search.objects.filter(pk=trained_search.pk).exists()

    @pytest.mark.parametrize(("method", "path", "body"), API)
    def test_nor_does_the_api_know_it(
        self, theirs: Client, client: Client, trained_search: Search, method: str, path: str, body: dict[str, Any]
    ) -> None:
        url = f"/api/searches/{trained_search.pk}{path}"
        assert getattr(theirs, method)(url, body, content_type=JSON).status_code == 404
        assert getattr(client, method)(url, body, content_type=JSON).status_code == 401

    def test_neither_clone_nor_comparison_shows_it(self, theirs: Client, trained_search: Search) -> None:
        for url in (f"{reverse('search-new')}?from={trained_search.pk}", f"{compare_url(trained_search)}",
                    f"/api/searches/compare?ids={trained_search.pk}",
                    reverse("search-settings", args=[trained_search.pk])):  # fmt: skip
            assert theirs.get(url).status_code == 404

    def test_a_clone_of_somebody_elses_search_has_no_parent(self, theirs: Client, trained_search: Search) -> None:
        form = {**form_of(theirs), "name": "mine now"}
        theirs.post(f"{reverse('search-new')}?from={trained_search.pk}", {**form, "then": "create"})
        assert Search.objects.get(name="mine now").parent is None

    def test_forged_requests_are_refused(self, trained_search: Search) -> None:
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(trained_search.owner)
        for name in PAGES:
            assert browser.post(reverse(name, args=[trained_search.pk])).status_code == 403


def compare_url(*searches: Search) -> str:
    return f"{reverse('search-compare')}?ids={','.join(str(search.pk) for search in searches)}"


def form_of(client: Client, url: str | None = None) -> dict[str, Any]:
    """What the form of a new search holds, as a browser would send it."""
    form = client.get(url or reverse("search-new")).context["form"]
    data = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    return {name: value for name, value in data.items() if value is not None}


# --- pages ---


@pytest.mark.django_db
class TestList:
    def test_it_shows_line_cost_and_tags(self, mine: Client, trained_search: Search) -> None:
        services.create_search(owner=trained_search.owner, name="empty", config=trained_search.config, start=False)
        mine.patch(f"/api/searches/{trained_search.pk}", {"tags": ["Baseline", "süß"]}, content_type=JSON)
        page = text_of(mine.get(reverse("search-list")))
        assert "from 50.0% to 75.0% in 2 steps" in page
        assert "1.2 s" in page  # two children of 0.6 seconds
        assert 'href="/searches/?tag=s%C3%BC%C3%9F"' in page

    def test_the_number_of_queries_does_not_grow_with_the_searches(
        self, mine: Client, make_search: MakeSearch, django_assert_max_num_queries: Any
    ) -> None:
        for _ in range(12):
            make_search(start=False)
        with django_assert_max_num_queries(9):
            mine.get(reverse("search-list"))

    def test_tags_and_archived_ones_can_be_asked_for(self, mine: Client, make_search: MakeSearch) -> None:
        plain, tagged, old = (make_search(start=False) for _ in range(3))
        Search.objects.filter(pk=tagged.pk).update(tags=["deep"], name="tagged one")
        Search.objects.filter(pk=old.pk).update(name="old one")
        mine.post(reverse("search-archive", args=[old.pk]))

        def shown(query: str) -> set[int]:
            return {row.record.pk for row in mine.get(f"/searches/{query}").context["table"].rows}

        assert shown("") == {plain.pk, tagged.pk}
        assert shown("?tag=deep") == {tagged.pk}
        assert shown("?archived=also") == {plain.pk, tagged.pk, old.pk}
        assert shown("?archived=only") == {old.pk}
        assert shown("?status=queued&dataset=digits&name=TAGGED") == {tagged.pk}
        assert "1 archived search not shown" in text_of(mine.get("/searches/"))
        mine.post(reverse("search-unarchive", args=[old.pk]))
        assert shown("") == {plain.pk, tagged.pk, old.pk}

    @pytest.mark.parametrize("sort", ["cost", "-cost", "confirmed", "-reward", "status"])
    def test_it_can_be_sorted(self, mine: Client, trained_search: Search, sort: str) -> None:
        assert mine.get(f"/searches/?sort={sort}").status_code == 200


@pytest.mark.django_db
class TestCompare:
    def test_what_differs_is_marked_and_results_stand_side_by_side(
        self, mine: Client, make_search: MakeSearch, trained_search: Search
    ) -> None:
        other = make_search(start=False, seed=8, child={**trained_search.config["child"], "network": "mlp"})
        response = mine.get(compare_url(trained_search, other))
        page, comparison = text_of(response), response.context["comparison"]
        assert {"seed", "child.network"} <= {row.path for row in comparison.differing}
        assert "groups" in {row.path for row in comparison.same}
        assert page.count("<td data-differs>") == len(comparison.differing)  # against the first of two
        assert [row["steps"] for row in response.context["script_data"]] == [[(0, 0.5), (1, 0.75)], []]

    def test_boxes_of_the_list_lead_to_the_short_address(self, mine: Client, make_search: MakeSearch) -> None:
        one, two = make_search(start=False), make_search(start=False)
        answer = mine.get(f"{reverse('search-compare')}?ids={one.pk}&ids={two.pk}&ids={one.pk}")
        assert answer.headers["Location"] == compare_url(one, two)

    @pytest.mark.parametrize("ids", ["", "1,x", "-1", "1,,99999999999999999999", "1;2", "0x1"])
    def test_wrong_ids_are_no_searches(self, mine: Client, trained_search: Search, ids: str) -> None:
        answer = mine.get(f"{reverse('search-compare')}?ids={ids}")
        assert answer.status_code == (404 if ids else 200)
        assert ids or "Nothing to compare yet" in text_of(answer)

    def test_more_than_eight_are_cut_with_a_sentence(self, mine: Client, make_search: MakeSearch) -> None:
        many = [make_search(start=False) for _ in range(9)]
        page = mine.get(compare_url(*many))
        assert len(page.context["columns"]) == 8
        assert "At most 8 searches are compared" in text_of(page)

    def test_the_api_says_the_same(self, mine: Client, trained_search: Search, make_search: MakeSearch) -> None:
        other = make_search(start=False, seed=8)
        found = mine.get(f"/api/searches/compare?ids={trained_search.pk},{other.pk}").json()
        assert [row["best_so_far"] for row in found["searches"]] == [[[0, 0.5], [1, 0.75]], []]
        assert {row["path"] for row in found["settings"] if row["differs"]} == {"seed"}
        assert found["searches"][0]["children_seconds"] == pytest.approx(1.2)
        assert mine.get("/api/searches/compare?ids=a").status_code == 422
        assert mine.get(f"/api/searches/compare?ids={','.join(map(str, range(9)))}").status_code == 422


@pytest.mark.django_db
class TestClone:
    def test_the_form_is_filled_in_and_what_is_made_knows_its_parent(
        self, mine: Client, make_search: MakeSearch
    ) -> None:
        search = make_search(start=False, controller={"name": "ppo", "start_rules": ["g"]}, seed=123)
        url = f"{reverse('search-new')}?from={search.pk}"
        page = mine.get(url)
        assert f'action="{url}"' in text_of(page)
        form = form_of(mine, url)
        assert form["name"] == "small (copy)"
        mine.post(url, {**form, "then": "create"})
        clone = Search.objects.get(name="small (copy)")
        assert (clone.parent, clone.config, clone.status) == (search, search.config, "queued")
        assert "Cloned from" in text_of(mine.get(reverse("search-live", args=[clone.pk])))

    def test_a_parent_that_is_deleted_meanwhile_loses_nothing(self, mine: Client, make_search: MakeSearch) -> None:
        search = make_search(start=False)
        url = f"{reverse('search-new')}?from={search.pk}"
        form = form_of(mine, url)
        search.delete()
        mine.post(url, {**form, "then": "create"})
        assert Search.objects.get(name="small (copy)").parent is None

    def test_the_settings_of_an_older_version_get_a_sentence(self, mine: Client, make_search: MakeSearch) -> None:
        search = make_search(start=False)
        Search.objects.filter(pk=search.pk).update(config={**search.config, "groups": 99})
        page = mine.get(f"{reverse('search-new')}?from={search.pk}")
        assert "older version’s: groups:" in text_of(page)

    def test_by_the_api_with_changes(self, mine: Client, make_search: MakeSearch) -> None:
        search = make_search(start=False, controller={"name": "ppo", "settings": {"learning_rate": 0.01}})
        body = {"name": "other", "changes": {"controller": {"name": "random"}, "child": {"protocol": {"epochs": 2}}}}
        made = mine.post(f"/api/searches/{search.pk}/clone", body, content_type=JSON)
        assert made.status_code == 201
        clone = Search.objects.get(pk=made.json()["id"])
        assert clone.config["child"] == {
            **search.config["child"],
            "protocol": {**search.config["child"]["protocol"], "epochs": 2},
        }
        assert (clone.config["controller"]["name"], clone.parent_id, clone.seed) == ("random", search.pk, search.seed)
        wrong = mine.post(f"/api/searches/{search.pk}/clone", {"changes": {"groups": 0}}, content_type=JSON)
        assert (wrong.status_code, list(wrong.json()["errors"])) == (422, ["groups"])

    def test_names_stay_within_their_length(self) -> None:
        assert copy_name("a" * 100) == "a" * 93 + " (copy)"

    def test_settings_stay_where_their_choice_stays(self) -> None:
        config = {"child": {"network": "a", "network_settings": {"x": 1}}, "controller": {"name": "b", "settings": {}}}
        assert changed(config, {"child": {"network": "a"}}) == config
        assert "network_settings" not in changed(config, {"child": {"network": "z"}})["child"]
        assert config["child"]["network_settings"] == {"x": 1}


@pytest.mark.django_db
class TestExtendAndDelete:
    @pytest.mark.parametrize(
        ("typed", "says"),
        [("20", "20 candidates now, 8 more"), ("x", "whole number"), ("3", "12 already"), ("", "whole")],
    )
    def test_a_budget_is_extended_on_the_page(
        self, mine: Client, make_search: MakeSearch, typed: str, says: str
    ) -> None:
        search = make_search()
        page = text_of(mine.post(reverse("search-extend", args=[search.pk]), {"budget": typed}, follow=True))
        assert says in page
        assert fresh(search).budget == fresh(search).config["budget"] == (20 if typed == "20" else 12)

    def test_the_api_extends_or_says_why_not(self, mine: Client, make_search: MakeSearch) -> None:
        search = make_search()
        url = f"/api/searches/{search.pk}/extend"
        assert mine.post(url, {"budget": 20}, content_type=JSON).json()["budget"] == 20
        assert mine.post(url, {"budget": 20}, content_type=JSON).json()["errors"]["budget"]
        mine.post(f"/api/searches/{search.pk}/stop")
        answer = mine.post(url, {"budget": 30}, content_type=JSON)
        assert (answer.status_code, "clone it" in answer.json()["message"]) == (409, True)

    def test_a_running_search_is_not_deleted_a_stopped_one_after_a_question(
        self, mine: Client, trained_search: Search
    ) -> None:
        url = reverse("search-delete", args=[trained_search.pk])
        assert "is running: stop it" in text_of(mine.get(url))
        assert "is running: stop it" in text_of(mine.post(url, follow=True))
        assert mine.delete(f"/api/searches/{trained_search.pk}").status_code == 409
        services.stop_search(search=trained_search)
        assert "3 candidates" in text_of(mine.get(url))
        assert "was deleted" in text_of(mine.post(url, follow=True))
        assert not Candidate.objects.exists()

    def test_a_result_that_comes_after_the_deletion_is_thrown_away(self, make_search: MakeSearch) -> None:
        search = make_search()
        [candidate] = propose(search, 1)
        taken = claim(candidate_id=candidate.pk, worker_name="w")
        assert taken is not None
        services.pause_search(search=search)
        fresh(search).delete()
        assert not results.record_result(candidate_id=candidate.pk, attempt=taken.attempt, result=result_of("g"))

    def test_the_api_deletes(self, mine: Client, make_search: MakeSearch) -> None:
        search = make_search(start=False)
        assert mine.delete(f"/api/searches/{search.pk}").status_code == 204
        assert mine.get(f"/api/searches/{search.pk}").status_code == 404

    def test_a_finished_search_offers_to_train_again_what_failed(self, mine: Client, trained_search: Search) -> None:
        url = reverse("search-live", args=[trained_search.pk])
        assert "failed again" not in text_of(mine.get(url))
        trained_search.candidates.filter(index=2).update(status=CandidateStatus.FAILED, reason="lost")
        assert "Train the 1 failed again" in text_of(mine.get(url))
        Search.objects.filter(pk=trained_search.pk).update(candidates_done=3)
        page = text_of(mine.post(reverse("search-retry", args=[trained_search.pk]), follow=True))
        assert "Queued again: 1 candidate." in page


@pytest.mark.django_db
class TestLabels:
    def test_notes_are_markdown_that_cannot_act(self, mine: Client, trained_search: Search) -> None:
        url = reverse("search-labels", args=[trained_search.pk])
        mine.post(url, {"notes": "**why** <script>alert(1)</script>", "tags": "one,  two , One,"})
        page = text_of(mine.get(reverse("search-live", args=[trained_search.pk])))
        assert "<strong>why</strong>" in page
        assert "<script>alert(1)" not in page
        assert fresh(trained_search).tags == ["one", "two"]
        assert fresh(trained_search).name == "small"

    @pytest.mark.parametrize(
        ("field", "value", "says"),
        [
            ("tags", ",".join(f"t{k}" for k in range(21)), "at most 20"),
            ("tags", "x" * 41, "longer than 40"),
            ("tags", "a\u0007b", "cannot be shown"),
            ("name", " ", "at least one character"),
            ("name", "n" * 101, "at most 100"),
            ("notes", "n" * 20_001, "at most 20,000"),
        ],
    )
    def test_what_is_wrong_is_told_and_nothing_typed_is_lost(
        self, mine: Client, trained_search: Search, field: str, value: str, says: str
    ) -> None:
        typed = {"name": "new", "tags": "kept", "notes": "kept notes", field: value}
        page = text_of(mine.post(reverse("search-labels", args=[trained_search.pk]), typed))
        assert says in page
        assert all(text in page for name, text in typed.items() if name != field)
        assert (fresh(trained_search).name, fresh(trained_search).notes) == ("small", "")
        answer = mine.patch(
            f"/api/searches/{trained_search.pk}",
            {field: value.split(",") if field == "tags" else value},
            content_type=JSON,
        )
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])

    def test_the_api_changes_what_is_given_and_nothing_else(self, mine: Client, trained_search: Search) -> None:
        url = f"/api/searches/{trained_search.pk}"
        found = mine.patch(url, {"notes": "n", "tags": ["a"], "archived": True}, content_type=JSON).json()
        written = {"name": "small", "notes": "n", "tags": ["a"]}
        assert found == {**written, "id": trained_search.pk, "archived": True, "parent": None}
        assert mine.patch(url, {"archived": False}, content_type=JSON).json() == {**found, "archived": False}
        assert mine.patch(url, {"budget": 5}, content_type=JSON).status_code == 422
        assert mine.get(f"{url}/labels").json() == {**found, "archived": False}


@pytest.mark.django_db
class TestSettingsFile:
    def upload(self, client: Client, data: bytes, name: str = "my search.json") -> Any:
        return client.post(reverse("search-import"), {"settings": SimpleUploadedFile(name, data)})

    def test_what_is_downloaded_fills_the_form_in_and_is_what_the_terminal_reads(
        self, mine: Client, make_search: MakeSearch, tmp_path: Any
    ) -> None:
        search = make_search(start=False, budget=3, round_size=3)
        Search.objects.filter(pk=search.pk).update(name="Süß / ../x")
        answer = mine.get(reverse("search-settings", args=[search.pk]))
        assert answer.headers["Content-Disposition"] == 'attachment; filename="suss-x.json"'
        data = answer.content
        page = self.upload(mine, data)
        assert page.status_code == 200
        form = page.context["form"]
        assert form.initial["name"] == "my search"
        typed = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
        mine.post(reverse("search-new"), {**{k: v for k, v in typed.items() if v is not None}, "then": "create"})
        assert Search.objects.get(name="my search").config == search.config
        path = tmp_path / "settings.json"
        path.write_bytes(data)
        call_command("search", "run", "--config", str(path), "--json", str(tmp_path / "report.json"))
        report = json.loads((tmp_path / "report.json").read_text())
        assert report["config"] == search.config
        assert mine.get(f"/api/searches/{search.pk}/settings").json() == search.config

    @pytest.mark.parametrize(
        ("data", "says"),
        [
            (b"{", "no JSON"),
            (b"\xff\xfe", "no JSON"),
            (b"[" * 100_000, "no JSON"),
            (b"[]", "one JSON object"),
            (b"{}", "primitives: Field required"),
            (b'{"groups": 99}', "groups: Input should be less than"),
            (b'{"' + b"x" * 1000 + b'": 1}', "Extra inputs are not permitted"),
            (b" " * (256 * 1024 + 1), "larger than 256 KiB"),
        ],
    )
    def test_what_is_wrong_with_a_file_is_told(self, mine: Client, data: bytes, says: str) -> None:
        page = self.upload(mine, data)
        assert page.status_code == 422
        assert says in text_of(page)
        assert not Search.objects.exists()

    def test_no_file_at_all(self, mine: Client) -> None:
        assert "Choose a file first" in text_of(mine.post(reverse("search-import")))


# --- reads ---


@pytest.mark.django_db
def test_cost_is_what_was_trained_here(searched: Search) -> None:
    row = with_cost(Search.objects.filter(pk=searched.pk)).get()
    trained = searched.candidates.filter(outcome="trained").count()
    assert row.children_seconds == pytest.approx(0.6 * trained)
    assert row.trials_seconds == pytest.approx(0.6 * searched.trials.filter(attempt__gt=0).count())
    assert row.cost == pytest.approx(row.children_seconds + row.trials_seconds)


@pytest.mark.django_db(transaction=True)
def test_the_steps_are_each_better_than_all_before(make_search: MakeSearch, broker: Broker) -> None:
    search, empty = make_search(budget=30), make_search(start=False)
    Driver(broker, [ChildWorker("w", QuickTrainer())]).run()
    rewards = search.candidates.order_by("index").values_list("index", "reward", "outcome")
    best, expected = -1.0, []
    for index, reward, outcome in rewards:
        if outcome == "trained" and reward > best:
            best = reward
            expected.append((index, reward))
    assert best_so_far([search.pk, empty.pk]) == {search.pk: expected}


def test_a_sparkline_rises_to_its_best_and_ends_at_the_last_candidate() -> None:
    line = sparkline([(0, 0.5), (10, 0.75)], proposed=21, budget=21)
    assert 'd="M3.0 25.0H60.0V3.0H117.0"' in line
    assert 'd="M3.0 25.0H3.0"' in sparkline([(0, 0.5)], proposed=1, budget=1)
    assert sparkline([], proposed=5, budget=5) == ""


def test_a_setting_that_only_one_search_has_differs() -> None:
    rows = {row.path: row for row in settings_of([{"a": {"b": 1, "c": [1, 2]}}, {"a": {"c": [1, 2]}, "d": None}])}
    assert (rows["a.b"].values, rows["a.b"].differs) == (("1", "—"), True)
    assert (rows["a.c"].values, rows["a.c"].differs) == (("1, 2", "1, 2"), False)
    assert rows["d"].values == ("—", "all")
