"""`search remote`: against the real API, with the network's part played by Django's test client."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from searchapp.management.commands.search import Command
from searchapp.models import Search
from searchapp.terminal.remote import commands
from searchapp.terminal.remote.client import Remote, RemoteError, Unreachable
from searchapp.terminal.remote.follow import Follower, line_of
from searchapp.tokens import keeping

SERVER = "http://127.0.0.1:8000"
Run = Callable[..., int]
CONFIG = ["--budget", "3", "--learning-rates", "0.1", "--confirm", "0", "--baselines", "none", "--seed", "5"]


def to_django(request: httpx.Request) -> httpx.Response:
    """The request as Django's own test client makes it: the real addresses, authentication and answers."""
    answer = Client(enforce_csrf_checks=True).generic(
        request.method,
        request.url.raw_path.decode(),
        request.content,
        content_type=request.headers.get("Content-Type", "application/octet-stream"),
        headers=dict(request.headers),
    )
    return httpx.Response(answer.status_code, content=answer.content, headers=dict(answer.items()))


@pytest.fixture(autouse=True)
def token(owner: User, monkeypatch: pytest.MonkeyPatch) -> str:
    cache.clear()
    text = keeping.create_token(owner=owner, name="terminal").text
    monkeypatch.setenv("NOS_TOKEN", text)
    monkeypatch.delenv("NOS_SERVER", raising=False)
    return text


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """The command as it is typed, and its exit code."""
    monkeypatch.chdir(tmp_path)
    real = commands.run
    monkeypatch.setattr("django.core.management.base.connections.close_all", lambda: None)  # the test needs its own
    monkeypatch.setattr(commands, "run", lambda chosen: real(chosen, httpx.MockTransport(to_django)))

    def type_in(*arguments: str, server: str = SERVER) -> int:
        options = ["--server", server] if server else []
        try:
            Command().run_from_argv(["manage.py", "search", "remote", *arguments, *options])
        except SystemExit as ended:
            return int(ended.code or 0)
        return 0

    return type_in


class TestVerbs:
    def test_a_search_is_started_with_the_options_of_run(
        self, run: Run, owner: User, capsys: pytest.CaptureFixture[str], tmp_path: Path, broker: Any
    ) -> None:
        (tmp_path / "base.json").write_text(json.dumps({"groups": 3, "controller": {"name": "random"}}))
        assert run("start", "--name", "from afar", "--config", "base.json", *CONFIG, "--json") == 0
        made = Search.objects.get()
        out, err = capsys.readouterr()
        assert json.loads(out)["id"] == made.pk
        assert f"{SERVER}/searches/{made.pk}/" in err
        assert (made.owner, made.name, made.status, made.budget) == (owner, "from afar", "running", 3)
        assert (made.config["groups"], made.config["controller"]["name"], made.seed) == (3, "random", 5)

    def test_it_is_saved_only_where_that_was_asked_for(self, run: Run) -> None:
        assert run("start", "--name", "later", "--create-only", *CONFIG) == 0
        assert Search.objects.get().status == "queued"

    def test_pause_resume_and_stop(self, run: Run, trained_search: Search, capsys: pytest.CaptureFixture[str]) -> None:
        for verb, status in (("pause", "paused"), ("resume", "running"), ("stop", "stopped")):
            assert run(verb, str(trained_search.pk)) == 0
            trained_search.refresh_from_db()
            assert trained_search.status == status
            assert f"is {status}: 2 of 12 candidates done" in capsys.readouterr().out
        assert run("pause", str(trained_search.pk)) == 1
        assert "stopped" in capsys.readouterr().err

    def test_the_list_and_the_leaderboard(
        self, run: Run, trained_search: Search, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("list") == 0
        assert "0.7500" in capsys.readouterr().out
        assert run("leaderboard", str(trained_search.pk), "--json") == 0
        rows = json.loads(capsys.readouterr().out)
        assert [row["reward"] for row in rows] == [0.75, 0.5]
        assert run("leaderboard", str(trained_search.pk), "--top", "1") == 0
        table = capsys.readouterr().out
        assert "0.7500" in table
        assert "0.5000" not in table

    def test_the_best_rule_is_exported(
        self, run: Run, trained_search: Search, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        number = str(trained_search.pk)
        assert run("export", number) == 0
        (written,) = tmp_path.glob("*.py")
        assert "update: m" in written.read_text()
        assert run("export", number) == 2  # nothing is overwritten by a name that nobody chose
        assert "--output" in capsys.readouterr().err
        assert run("export", number, "--rule", "0", "--output", "-") == 0
        assert "update: g" in capsys.readouterr().out
        assert run("export", number, "--output", str(tmp_path / "no" / "such.py")) == 2

    @pytest.mark.django_db(transaction=True)
    def test_a_finished_search_is_followed_to_its_end(
        self, run: Run, searched: Search, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("follow", str(searched.pk)) == 0
        out, err = capsys.readouterr()
        assert "search          finished" in out
        assert "fresh seeds" in out
        assert f"{searched.best_candidate.reward:.4f}" in out  # type: ignore[union-attr]
        assert "12 of 12 candidates done" in err
        assert run("follow", str(searched.pk), "--json") == 0
        events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [event["seq"] for event in events] == list(range(1, searched.events_count + 1))

    def test_a_search_that_failed_says_so_with_its_exit_code(
        self, run: Run, make_search: Callable[..., Search], capsys: pytest.CaptureFixture[str]
    ) -> None:
        search = make_search(start=False)
        Search.objects.filter(pk=search.pk).update(status="failed", reason="The controller is lost.")
        assert run("follow", str(search.pk)) == commands.SEARCH_FAILED


class TestRefusals:
    @pytest.mark.parametrize(
        ("arguments", "code", "says"),
        [
            (["pause", "999"], 1, "no such search"),
            (["follow", "999"], 1, "no such search"),
            (["start", "--name", " ", *CONFIG], 2, "name"),
            (["start", "--name", "x", "--budget", "0"], 2, "--budget"),
            (["start", "--name", "x", "--queue", "gpu", *CONFIG], 2, "There is no queue “gpu”"),
            (["start", "--name", "x", "--config", "none.json"], 2, "none.json"),
            (["list", "--limit", "0"], 2, "limit"),
            (["list", "--token", "nos_secret"], 2, "NOS_TOKEN"),
            (["pause", "first"], 2, "invalid int"),
            (["fly"], 2, "invalid choice"),
        ],
    )
    def test_what_is_wrong_is_told_in_a_line(
        self, run: Run, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, says: str
    ) -> None:
        assert run(*arguments) == code
        out, err = capsys.readouterr()
        assert says in err
        assert "Traceback" not in err
        assert "nos_secret" not in out + err
        assert not Search.objects.exists()

    @pytest.mark.parametrize(
        "server", ["", "ftp://x", "not an address", "http://", "http://host/path", "http://a:b@host"]
    )
    def test_an_address_that_is_no_servers(self, run: Run, capsys: pytest.CaptureFixture[str], server: str) -> None:
        assert run("list", server=server) == 2
        assert "http://host:8000" in capsys.readouterr().err

    def test_the_address_may_stand_in_the_environment(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("NOS_SERVER", SERVER)
        assert run("list", server="") == 0

    @pytest.mark.parametrize(("value", "code"), [("", 2), ("nos_\u00e9", 2), ("nos_wrong", 1)])
    def test_a_token_that_is_none(
        self, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], value: str, code: int
    ) -> None:
        monkeypatch.setenv("NOS_TOKEN", value)
        assert run("list") == code
        assert "oken" in capsys.readouterr().err

    def test_a_token_that_goes_out_unencrypted_is_told(self, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
        run("list", server="http://testserver")
        assert "unencrypted" in capsys.readouterr().err

    def test_a_redirect_is_not_followed_with_the_token(self) -> None:
        asked = []

        def redirect(request: httpx.Request) -> httpx.Response:
            asked.append(request.url.host)
            return httpx.Response(302, headers={"Location": "https://elsewhere.example/"})

        with Remote(SERVER, httpx.MockTransport(redirect)) as remote, pytest.raises(RemoteError, match="elsewhere"):
            remote.get("searches/")
        assert asked == ["127.0.0.1"]

    def test_a_server_of_another_kind_is_told(self) -> None:
        page = httpx.MockTransport(lambda request: httpx.Response(200, text="<html>hello</html>"))
        with Remote(SERVER, page) as remote, pytest.raises(RemoteError, match="does not answer as this application"):
            remote.get("searches/")


class Flaky:
    """A server that is away for the first so many requests of each outage."""

    def __init__(self, *outages: int) -> None:
        self.answers = [answer for count in outages for answer in ([*[None] * count, to_django])]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        answer = self.answers.pop(0) if self.answers else to_django
        if answer is None:
            raise httpx.ConnectError("refused", request=request)
        return answer(request)


@pytest.mark.django_db(transaction=True)
class TestFollowing:
    def follower(self, search: Search, transport: Any, patience: float = 60.0) -> Follower:
        self.told: list[str] = []
        self.now = 0.0

        def sleep(seconds: float) -> None:
            self.now += seconds

        remote = Remote(SERVER, httpx.MockTransport(transport))
        return Follower(remote, search.pk, False, patience, self.told.append, sleep, lambda: self.now)

    def test_no_event_is_lost_or_doubled_over_restarts_of_the_server(self, searched: Search) -> None:
        follower = self.follower(searched, Flaky(2, 3))
        assert [event["seq"] for event in follower.events()] == list(range(1, searched.events_count + 1))
        assert follower.summary["status"] == "finished"
        assert "does not answer" in self.told[0]
        assert self.told[1] == "The server answers again."

    def test_each_try_waits_longer_and_patience_ends(self, searched: Search) -> None:
        follower = self.follower(searched, Flaky(1000), patience=100.0)
        with pytest.raises(Unreachable):
            list(follower.events())
        assert 50 < self.now <= 100
        assert len(self.told) == 1

    @pytest.mark.parametrize("status", [429, 500, 502, 503])
    def test_a_server_in_trouble_counts_as_away(self, searched: Search, status: int) -> None:
        first = [httpx.Response(status, text="trouble")]
        follower = self.follower(searched, lambda request: first.pop() if first else to_django(request))
        assert len(list(follower.events())) == searched.events_count

    def test_many_events_come_in_several_answers(self, searched: Search, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("searchapp.terminal.remote.follow.ALL_AT_ONCE", 3)
        follower = self.follower(searched, to_django)
        assert len(list(follower.events())) == searched.events_count
        assert self.now == 0  # no waiting while there is more

    def test_a_revoked_token_ends_it_at_once(self, searched: Search, owner: User) -> None:
        follower = self.follower(searched, to_django)
        keeping.revoke_token(token=owner.api_tokens.get())
        with pytest.raises(RemoteError, match="not valid"):
            list(follower.events())
        assert self.now == 0

    def test_trials_are_waited_for_unless_only_the_search_counts(
        self, searched: Search, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waiting = [2, 1, 0]

        def answer(request: httpx.Request) -> httpx.Response:
            answered = to_django(request).json()
            answered["summary"]["trials_waiting"] = waiting.pop(0)
            return httpx.Response(200, json=answered)

        list(self.follower(searched, answer).events())
        assert waiting == []
        waiting[:] = [2, 1, 0]
        only = self.follower(searched, answer)
        only.search_only = True
        list(only.events())
        assert waiting == [1, 0]

    def test_lines_are_for_what_matters(self) -> None:
        lines = [
            line_of({"kind": kind, "payload": payload})
            for kind, payload in (
                ("search.status", {"status": "failed", "reason": "No disk."}),
                ("candidate.finished", {"index": 3, "best": True, "reward": 0.5, "text": "g"}),
                ("candidate.finished", {"index": 4, "best": False, "reward": 0.4, "text": "m"}),
                ("trial.finished", {"mean": 0.5, "std": 0.01, "n": 3, "title": "Adam"}),
                ("trial.finished", {"mean": None}),
                ("round.observed", {}),
            )
        ]
        assert lines == [
            "search          failed: No disk.", "candidate    3  0.5000  g", "",
            "fresh seeds     0.5000 ± 0.0100 (3)  Adam", "", "",
        ]  # fmt: skip
