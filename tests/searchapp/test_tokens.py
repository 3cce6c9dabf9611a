"""API tokens: shown once, kept as a hash, good for the API alone; and the API that takes them."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from searchapp.api.authentication import TOO_OFTEN, WRONG_TOKEN
from searchapp.models import ApiToken, Search
from searchapp.tokens import failures, keeping

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_failures() -> None:
    cache.clear()


@pytest.fixture
def token(owner: User) -> str:
    return keeping.create_token(owner=owner, name="laptop").text


def ask(text: str, path: str = "/api/searches/", client: Client | None = None) -> Any:
    return (client or Client(enforce_csrf_checks=True)).get(path, headers={"Authorization": f"Bearer {text}"})


class TestKeeping:
    def test_a_token_has_256_random_bits_and_only_its_hash_is_kept(self, owner: User) -> None:
        first, second = (keeping.create_token(owner=owner, name="same") for _ in range(2))
        assert first.text != second.text
        assert len(first.text.removeprefix(keeping.MARK)) == 43  # 32 bytes in base64
        row = ApiToken.objects.get(pk=first.row.pk)
        assert row.digest == keeping.digest(first.text)
        assert all(first.text not in str(value) for value in row.__dict__.values())

    @pytest.mark.parametrize("name", ["", "   ", "a\nb"])
    def test_it_needs_a_name(self, mine: Client, name: str) -> None:
        page = mine.post(reverse("token-list"), {"name": name, "days": "30"})
        assert page.status_code == 200
        assert not ApiToken.objects.exists()
        assert "field--bad" in page.content.decode()

    def test_nobody_has_too_many(self, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(keeping, "MOST_TOKENS", 2)
        first = keeping.create_token(owner=owner, name="1").row
        keeping.create_token(owner=owner, name="2")
        with pytest.raises(keeping.TooManyTokens):
            keeping.create_token(owner=owner, name="3")
        keeping.revoke_token(token=first)
        assert keeping.create_token(owner=owner, name="3")


class TestPage:
    def test_a_token_is_shown_by_the_answer_that_made_it_and_by_no_other(self, mine: Client) -> None:
        made = mine.post(reverse("token-list"), {"name": "laptop", "days": "90"})
        assert "no-store" in made.headers["Cache-Control"]
        found = re.search(r"nos_[\w-]{43}", made.content.decode())
        assert found
        assert ask(found[0]).status_code == 200
        page = mine.get(reverse("token-list")).content.decode()
        assert found[0] not in page
        assert found[0][:10] in page
        row = ApiToken.objects.get()
        assert row.expires_at is not None
        assert timedelta(days=89) < row.expires_at - timezone.now() <= timedelta(days=90)

    def test_an_unknown_validity_is_refused(self, mine: Client) -> None:
        mine.post(reverse("token-list"), {"name": "laptop", "days": "100000"})
        assert not ApiToken.objects.exists()

    def test_its_owner_revokes_it(self, mine: Client, token: str) -> None:
        mine.post(reverse("token-revoke", args=[ApiToken.objects.get().pk]))
        assert ask(token).status_code == 401
        assert "revoked" in mine.get(reverse("token-list")).content.decode()

    def test_a_stranger_neither_sees_nor_revokes_it(self, theirs: Client, token: str) -> None:
        assert theirs.post(reverse("token-revoke", args=[ApiToken.objects.get().pk])).status_code == 404
        assert "laptop" not in theirs.get(reverse("token-list")).content.decode()
        assert ask(token).status_code == 200

    def test_nobody_is_asked_to_sign_in(self, client: Client, token: str) -> None:
        for name, args in (("token-list", []), ("token-revoke", [ApiToken.objects.get().pk])):
            assert client.post(reverse(name, args=args)).status_code == 302
        assert ApiToken.objects.get().revoked_at is None

    def test_a_token_does_not_open_the_pages(self, token: str) -> None:
        assert ask(token, reverse("token-list")).status_code == 302
        assert ask(token, reverse("search-list")).status_code == 302


class TestApi:
    def test_a_token_acts_for_its_owner_without_a_csrf_token(
        self, owner: User, token: str, config: dict[str, Any]
    ) -> None:
        client = Client(enforce_csrf_checks=True)
        body = json.dumps({"name": "by token", "config": config, "start": False})
        headers = {"Authorization": f"Bearer {token}"}
        made = client.post("/api/searches/", body, content_type="application/json", headers=headers)
        assert made.status_code == 201, made.content
        assert Search.objects.get().owner == owner
        assert [row["name"] for row in ask(token).json()] == ["by token"]

    def test_a_session_still_needs_one(self, owner: User, config: dict[str, Any]) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(owner)
        body = json.dumps({"name": "forged", "config": config})
        assert client.post("/api/searches/", body, content_type="application/json").status_code == 403
        assert not Search.objects.exists()

    def test_foreign_searches_are_not_there(self, trained_search: Search, stranger: User) -> None:
        token = keeping.create_token(owner=stranger, name="theirs").text
        paths = ("", "/events", "/snapshot", "/candidates/0", "/candidates/0/optimizer.py", "/leaderboard")
        for path in paths:
            assert ask(token, f"/api/searches/{trained_search.pk}{path}").status_code == 404

    def test_a_wrong_token_is_told_and_never_falls_back_on_the_session(self, mine: Client) -> None:
        answer = ask("nos_wrong", client=mine)
        assert (answer.status_code, answer.json()) == (401, {"message": WRONG_TOKEN})

    @pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Basic YTpi", "nos_x"])
    def test_what_is_no_token_is_nobody(self, header: str) -> None:
        answer = Client().get("/api/searches/", headers={"Authorization": header})
        assert answer.status_code == 401
        assert answer.json()["message"]

    def test_an_expired_token_opens_nothing(self, owner: User) -> None:
        text = keeping.create_token(owner=owner, name="old", days=30).text
        assert ask(text).status_code == 200
        ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        assert ask(text).status_code == 401

    def test_nor_does_that_of_a_person_who_may_no_longer_sign_in(self, owner: User, token: str) -> None:
        User.objects.filter(pk=owner.pk).update(is_active=False)
        assert ask(token).status_code == 401

    def test_its_use_is_noted_to_the_minute(self, token: str, django_assert_num_queries: Any) -> None:
        ask(token)
        first = ApiToken.objects.get().used_at
        assert first is not None
        ask(token)
        assert ApiToken.objects.get().used_at == first
        ApiToken.objects.update(used_at=first - timedelta(minutes=2))
        ask(token)
        assert ApiToken.objects.get().used_at > first - timedelta(minutes=1)  # type: ignore[operator]

    def test_an_address_that_guesses_has_to_wait(self, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(failures, "MOST_FAILURES", 3)
        assert [ask(f"nos_{k}").status_code for k in range(5)] == [401, 401, 401, 429, 429]
        assert ask("nos_x").json() == {"message": TOO_OFTEN}
        elsewhere = Client(REMOTE_ADDR="10.0.0.9")
        assert ask(token, client=elsewhere).status_code == 200


class TestEvents:
    def test_each_event_comes_once_and_in_order(self, mine: Client, trained_search: Search) -> None:
        address = f"/api/searches/{trained_search.pk}/events"
        everything = mine.get(address).json()
        seqs = [event["seq"] for event in everything["events"]]
        assert seqs == list(range(1, everything["last_seq"] + 1))
        assert everything["summary"]["id"] == trained_search.pk
        parts = [mine.get(address, {"after": after, "limit": 1}).json()["events"] for after in range(len(seqs))]
        assert [part[0] for part in parts] == everything["events"]
        assert mine.get(address, {"after": seqs[-1]}).json()["events"] == []

    @pytest.mark.parametrize("query", [{"after": "-1"}, {"after": 2**70}, {"limit": 0}, {"after": "x"}])
    def test_a_number_that_is_none_is_refused(self, mine: Client, trained_search: Search, query: Any) -> None:
        answer = mine.get(f"/api/searches/{trained_search.pk}/events", query)
        assert answer.status_code == 422
        assert any(next(iter(query)) in field for field in answer.json()["errors"])


def test_the_optimizer_file_is_the_one_of_the_rules_page(mine: Client, trained_search: Search) -> None:
    page = mine.get(reverse("rule-export", args=[trained_search.pk, 1]))
    answer = mine.get(f"/api/searches/{trained_search.pk}/candidates/1/optimizer.py")
    assert answer.content == page.content
    assert answer.headers["Content-Disposition"] == page.headers["Content-Disposition"]


class TestDescription:
    @pytest.fixture
    def schema(self, client: Client) -> Any:
        return client.get("/api/openapi.json").json()

    def test_every_address_explains_itself(self, schema: Any) -> None:
        for path, operations in schema["paths"].items():
            for method, operation in operations.items():
                assert operation.get("description", "").strip(), f"{method.upper()} {path} has no docstring"
                assert operation["summary"]
                assert {"401", "429"} <= set(map(str, operation["responses"]))

    def test_tokens_and_sessions_are_both_described(self, schema: Any) -> None:
        kinds = schema["components"]["securitySchemes"].values()
        assert {"bearer", None} <= {kind.get("scheme") for kind in kinds}
        assert schema["info"]["description"]
