"""The form of a new search: a name is enough, the registry decides what can be chosen, nothing typed is lost."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from engine.registry import CONTROLLERS, DATASETS, NETWORKS, PROTOCOLS
from searchapp.built_in import sync
from searchapp.forms import NewSearchForm, texts
from searchapp.models import PrimitiveSet, Search
from searchapp.models.statuses import SearchStatus
from tests.searchapp.conftest import Broker

pytestmark = pytest.mark.django_db
URL = "/searches/new/"


@pytest.fixture
def mine(owner: User, broker: Broker) -> Client:
    sync()
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def defaults(mine: Client, owner: User) -> dict[str, Any]:
    """What a browser sends when only the name was typed."""
    form = NewSearchForm(user=owner)
    initial = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    return {name: value for name, value in initial.items() if value is not None} | {"name": "mine"}


def errors_of(mine: Client, typed: dict[str, Any]) -> dict[str, list[str]]:
    return mine.post(reverse("search-estimate"), typed).json()["errors"]


def test_a_name_and_start_are_enough(mine: Client, defaults: dict[str, Any]) -> None:
    response = mine.post(URL, {**defaults, "then": "start"})
    search = Search.objects.get()
    assert response.headers["Location"] == reverse("search-live", args=[search.pk])
    assert (search.name, search.status) == ("mine", SearchStatus.RUNNING)
    assert search.config["child"]["protocol"]["epochs"] == PROTOCOLS["quick"].facts["epochs"]


def test_create_only_starts_nothing(mine: Client, defaults: dict[str, Any], broker: Broker) -> None:
    mine.post(URL, {**defaults, "then": "create"})
    assert Search.objects.get().status == SearchStatus.QUEUED
    assert broker.messages == []


def test_every_registry_row_and_each_of_its_settings_can_be_chosen(mine: Client) -> None:
    page = mine.get(URL).content.decode()
    for rows in (DATASETS, NETWORKS, CONTROLLERS, PROTOCOLS):
        for row in rows.values():
            assert f'value="{row.name}"' in page
    for kind, rows in (("network", NETWORKS), ("controller", CONTROLLERS)):
        for row in rows.values():
            for setting in row.settings.model_fields:
                assert f'name="{kind}__{row.name}__{setting}"' in page


@pytest.mark.parametrize("name", list(CONTROLLERS))
def test_each_controller_can_be_created_with_its_defaults(mine: Client, defaults: dict[str, Any], name: str) -> None:
    mine.post(URL, {**defaults, "controller": name})
    assert Search.objects.get().config["controller"]["name"] == name


class TestErrors:
    @pytest.mark.parametrize(
        ("field", "typed", "said"),
        [
            ("budget", "abc", "“abc” is not allowed here; allowed: a whole number from 1 to 1,000,000."),
            ("budget", "0", "from 1 to 1,000,000"),
            ("budget", "nan", "“nan” is not allowed"),
            ("groups", "9", "from 1 to 5"),
            ("seed", "-1", "from 0 to 2⁶³ − 1"),
            ("protocol__learning_rates", "0.1, -1", "above 0, at most 1000"),
            ("protocol__learning_rates", "quick", "numbers above 0, separated by commas"),
            ("protocol__train_examples", "1,000,000", "digits has 1,297 train examples"),
            ("protocol__first_epoch_floor", "1.5", "a number from 0, below 1"),
            ("network__convnet__pooling", "max", "one of each, last, global, none"),
            ("controller__ppo__units", "1e9", "from 1 to 2,048"),
            ("dataset", "imagenet", "“imagenet” is not known; there are digits"),
            ("controller", "magic", "“magic” is not known; there are ppo"),
        ],
    )
    def test_what_is_wrong_is_said_beside_its_field(
        self, mine: Client, defaults: dict[str, Any], field: str, typed: str, said: str
    ) -> None:
        errors = errors_of(mine, {**defaults, field: typed})
        assert list(errors) == [field]
        assert said in errors[field][0]

    def test_several_errors_are_said_at_once(self, mine: Client, defaults: dict[str, Any]) -> None:
        wrong = {
            "budget": "x",
            "network__convnet__filters": "0",
            "primitive_set": "own",
            "more_unary": "clip(0.1), fly",
        }
        assert set(errors_of(mine, {**defaults, **wrong})) == {"budget", "network__convnet__filters", "more_unary"}

    def test_nothing_typed_is_lost(self, mine: Client, defaults: dict[str, Any]) -> None:
        page = mine.post(URL, {**defaults, "name": "", "budget": "<many>", "protocol__epochs": "7"}).content.decode()
        assert Search.objects.count() == 0
        assert 'value="&lt;many&gt;"' in page
        assert re.search(r'name="protocol__epochs" value="7"', page)
        assert "A search needs a name" in page

    def test_settings_of_what_is_not_chosen_do_not_matter(self, mine: Client, defaults: dict[str, Any]) -> None:
        mine.post(URL, {**defaults, "network": "softmax", "network__convnet__filters": "nonsense"})
        assert Search.objects.get().config["child"]["network"] == "softmax"


class TestProtocol:
    def test_typed_numbers_stand_over_the_presets(self, mine: Client, defaults: dict[str, Any]) -> None:
        mine.post(
            URL, {**defaults, "protocol": "paper", "protocol__epochs": "1", "protocol__learning_rates": "0.1; 1e-2"}
        )
        protocol = Search.objects.get().config["child"]["protocol"]
        assert (protocol["epochs"], protocol["learning_rates"], protocol["sweep_examples"]) == (1, [0.01, 0.1], 10_000)

    def test_all_means_the_whole_split(self, mine: Client, defaults: dict[str, Any]) -> None:
        more = {"dataset": "cifar10", "protocol": "scaled", "protocol__train_examples": "all"}
        mine.post(URL, {**defaults, **more})
        assert Search.objects.get().config["child"]["protocol"]["train_examples"] is None


class TestPrimitives:
    def test_a_set_counts_as_it_is(self, mine: Client, defaults: dict[str, Any]) -> None:
        paper = PrimitiveSet.objects.get(name="Paper")
        mine.post(URL, {**defaults, "primitive_set": str(paper.pk)})
        assert Search.objects.get().config["primitives"]["unary"] == paper.unary

    def test_ones_own_choice_takes_boxes_and_typed_tokens(self, mine: Client, defaults: dict[str, Any]) -> None:
        own = {
            "primitive_set": "own",
            "operands": ["g"],
            "more_operands": "w(5e-3), sign( v )",
            "unary": ["x"],
            "binary": ["+"],
        }
        mine.post(URL, {**defaults, **own})
        assert Search.objects.get().config["primitives"]["operands"] == ["g", "w(0.005)", "sign(v)"]

    def test_no_operand_at_all_is_an_error(self, mine: Client, defaults: dict[str, Any]) -> None:
        errors = errors_of(mine, {**defaults, "primitive_set": "own", "operands": []})
        assert errors == {"operands": ["Choose at least one of the operands."]}

    def test_ones_own_choice_can_be_kept_as_a_set(self, mine: Client, owner: User, defaults: dict[str, Any]) -> None:
        mine.post(URL, {**defaults, "primitive_set": "own", "save_set_as": "tiny"})
        assert PrimitiveSet.objects.get(owner=owner).name == "tiny"

    def test_somebody_elses_set_is_not_offered(self, mine: Client, stranger: User, defaults: dict[str, Any]) -> None:
        secret = PrimitiveSet.objects.create(owner=stranger, name="secret", operands=["g"], unary=["x"], binary=["+"])
        assert "secret" not in mine.get(URL).content.decode()
        assert list(errors_of(mine, {**defaults, "primitive_set": str(secret.pk)})) == ["primitive_set"]


class TestBesideTheController:
    def test_starting_rules_and_priors_become_the_controllers(self, mine: Client, defaults: dict[str, Any]) -> None:
        typed = {"start_rules": "g + m\n\n sign(m) * g ", "priors__uses_gradient": "yes", "priors__max_complexity": "9"}
        mine.post(URL, {**defaults, **typed})
        controller = Search.objects.get().config["controller"]
        assert controller["start_rules"] == ["g + m", "sign(m) * g"]
        assert controller["priors"] == {"uses_gradient": True, "no_repeated_unary": False, "max_complexity": 9}

    @pytest.mark.parametrize(
        ("rules", "said"), [("g +", "Starting rule 1"), ("g + m\nlog(v)", "log(v)"), ("g * g * g * g * g", "g * g")]
    )
    def test_a_starting_rule_that_cannot_be_written_is_named(
        self, mine: Client, defaults: dict[str, Any], rules: str, said: str
    ) -> None:
        (sentence,) = errors_of(mine, {**defaults, "start_rules": rules})["start_rules"]
        assert said in sentence

    def test_screening_and_confirmation_are_settings_of_the_search(
        self, mine: Client, defaults: dict[str, Any]
    ) -> None:
        typed = {"screening__enabled": "no", "confirmation__top": "2", "confirmation__baselines": "adam, lion"}
        mine.post(URL, {**defaults, **typed})
        config = Search.objects.get().config
        assert config["screening"]["enabled"] is False
        assert (config["confirmation"]["top"], config["confirmation"]["baselines"]) == (2, ["adam", "lion"])

    def test_none_means_no_baselines(self, mine: Client, defaults: dict[str, Any]) -> None:
        mine.post(URL, {**defaults, "confirmation__baselines": "none"})
        assert Search.objects.get().config["confirmation"]["baselines"] == []

    def test_an_unknown_baseline_lists_those_that_there_are(self, mine: Client, defaults: dict[str, Any]) -> None:
        (sentence,) = errors_of(mine, {**defaults, "confirmation__baselines": "adamw"})["confirmation__baselines"]
        assert "adamw" in sentence
        assert "adam, " in sentence


class TestEstimate:
    def test_trainings_with_fresh_seeds_are_in_the_time(self, mine: Client, defaults: dict[str, Any]) -> None:
        typed = {**defaults, "budget": "10", "confirmation__seeds": "2", "confirmation__baselines": "adam"}
        basis = mine.post(reverse("search-estimate"), typed).json()["basis"]
        assert "10 candidates and 12 trainings with fresh seeds" in basis

    def test_it_follows_what_is_typed(self, mine: Client, defaults: dict[str, Any]) -> None:
        one = mine.post(reverse("search-estimate"), {**defaults, "groups": "1"}).json()
        two = mine.post(reverse("search-estimate"), {**defaults, "groups": "2"}).json()
        assert one["size_text"] == "2,304"  # 6 · 6 operands, 4 · 4 unary and 4 binary functions
        assert two["size_text"] != one["size_text"]
        assert "core" in one["basis"]

    def test_it_needs_no_name_and_saves_nothing(self, mine: Client, defaults: dict[str, Any]) -> None:
        assert "size_text" in mine.post(reverse("search-estimate"), {**defaults, "name": ""}).json()
        assert Search.objects.count() == 0

    def test_the_page_shows_it_before_any_script_ran(self, mine: Client) -> None:
        assert re.search(r"data-estimate-size>[\d.,]+ ?[×\d]", mine.get(URL).content.decode())


@pytest.mark.parametrize("value", [None, 1, 1000, 0.3, 1e-5, 10.0, (1e-5, 0.1, 1.0)])
def test_a_value_is_written_as_people_type_it_and_read_back(value: Any) -> None:
    text = texts.to_text(value)
    if isinstance(value, tuple):
        assert tuple(float(part) for part in text.split(", ")) == value
    else:
        assert text == "all" if value is None else float(text) == value


@pytest.mark.parametrize("posted", [False, True])
def test_a_data_set_that_is_not_on_this_server_says_how_to_fetch_it(
    mine: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, posted: bool
) -> None:
    monkeypatch.setenv("NOS_DATA_DIR", str(tmp_path))
    address = reverse("search-new")
    page = (mine.post(address, {"dataset": "cifar10"}) if posted else mine.get(address)).content.decode()
    assert "not on this server yet" in page
    assert "manage.py fetch_dataset cifar10" in page


def test_two_new_searches_begin_with_seeds_of_their_own(mine: Client) -> None:
    pages = [mine.get(reverse("search-new")).content.decode() for _ in range(4)]
    seeds = {re.search(r'name="seed" value="(\d+)"', page) for page in pages}
    assert None not in seeds
    assert len({seed[1] for seed in seeds if seed}) > 1
