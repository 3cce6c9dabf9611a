"""The form filled in from a configuration gives that very configuration back."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.forms import Select
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.config import SearchConfig
from engine.registry import CONTROLLERS, DATASETS, NETWORKS, PRIMITIVE_SETS, PROTOCOLS
from engine.registry import protocol as preset_protocol
from searchapp import services
from searchapp.built_in import sync
from searchapp.forms import NewSearchForm
from searchapp.forms.prefill import exact, prefilled
from tests.searchapp.conftest import SMALL_CONFIG


def sent(form: NewSearchForm, user: User) -> SearchConfig:
    """The configuration of the form as it stands, sent without a change."""
    data = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    again = NewSearchForm({name: value for name, value in data.items() if value is not None}, user=user)
    assert again.is_valid(), again.errors
    assert again.config is not None
    return again.config


def of_set(name: str, **changes: Any) -> dict[str, Any]:
    row = PRIMITIVE_SETS[name]
    tokens = {kind: getattr(row, kind) for kind in ("operands", "unary", "binary")}
    return {"primitives": tokens, **changes}


CONFIGS = [
    SMALL_CONFIG,
    of_set("signs"),
    *(of_set(name, groups=3) for name in PRIMITIVE_SETS),
    *(of_set("signs", controller={"name": name}) for name in CONTROLLERS),
    *(of_set("signs", child={"dataset": "cifar10", "protocol": dict(preset_protocol(name))}) for name in PROTOCOLS),
    of_set("signs", child={"protocol": {"learning_rates": [0.12345678, 1e-5], "first_epoch_floor": 0.123456789}}),
    {"primitives": {"operands": ["m", "g", "w(5e-4)"], "unary": ["x", "clip(0.125)"], "binary": ["*", "+"]}},
    of_set("signs", confirmation={"top": 0, "baselines": []}, screening={"enabled": False, "largest_gradient": 0.5}),
    of_set(
        "signs",
        controller={
            "name": "reinforce",
            "priors": {"uses_gradient": True, "max_complexity": 12},
            "start_rules": ["exp(sign(g)*sign(m)) * g", "g"],
        },
        seed=2**63 - 1,
        budget=1_000_000,
    ),
]


@pytest.mark.parametrize("values", CONFIGS)
@pytest.mark.django_db
def test_every_setting_comes_back(owner: User, values: dict[str, Any]) -> None:
    sync()
    config = SearchConfig.model_validate(values)
    assert sent(prefilled(config, user=owner, name="copy"), owner) == config


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.django_db
def test_the_settings_of_every_network_come_back(owner: User, network: str) -> None:
    sync()
    wanted = NETWORKS[network].facts["input"]
    dataset = next(name for name, row in DATASETS.items() if row.facts["input"] == wanted)
    config = SearchConfig.model_validate(of_set("signs", child={"dataset": dataset, "network": network}))
    assert sent(prefilled(config, user=owner, name="copy"), owner) == config


@pytest.mark.django_db
def test_a_set_is_recognised_and_a_choice_of_ones_own_keeps_its_order(owner: User) -> None:
    sync()
    kept = services.save_primitive_set(owner=owner, name="mine", operands=["m", "g"], unary=["x", "sign"], binary=["*"])
    tokens = {"operands": ["m", "g"], "unary": ["x", "sign"], "binary": ["*"]}
    form = prefilled(SearchConfig(primitives=tokens), user=owner)
    assert form.initial["primitive_set"] == str(kept.pk)
    turned = SearchConfig(primitives={**tokens, "unary": ["sign", "x"]})
    form = prefilled(turned, user=owner, name="turned")
    assert form.initial["primitive_set"] == "own"
    assert sent(form, owner).primitives.unary == ("sign", "x")


@pytest.mark.django_db
def test_the_preset_that_fits_best_is_chosen_and_only_what_differs_is_typed(owner: User) -> None:
    sync()
    paper = next(name for name in PROTOCOLS if name != "quick")
    protocol = {**dict(preset_protocol(paper)), "epochs": 7}
    form = prefilled(SearchConfig.model_validate(of_set("signs", child={"protocol": protocol})), user=owner)
    assert form.initial["protocol"] == paper
    typed = {name for name in map(form.protocols.name, form.protocols.names) if form.initial[name]}
    typed -= {name for name, field in form.fields.items() if isinstance(field.widget, Select)}  # those are never empty
    assert typed == {form.protocols.name("epochs")}


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(1e-12, 1e6))
def test_a_number_is_typed_with_all_the_digits_that_it_needs(value: float) -> None:
    assert float(exact(value)) == value
