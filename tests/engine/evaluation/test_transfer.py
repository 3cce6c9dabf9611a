"""A rule on a larger network: every rate in full, four columns, and the test set chooses nothing."""

import dataclasses
import json
import threading
from typing import Any

import pytest
import torch

from engine.children import training
from engine.children.protocol import final_plan
from engine.children.results import ChildResult, EpochPoint, RunRecord
from engine.children.run import train_run
from engine.children.training import prepare_child
from engine.config import ChildConfig
from engine.errors import ChildStopped
from engine.evaluation.transfer import COLUMNS, FullRun, choose, columns, train_transfer
from engine.language import Rule
from engine.registry import Protocol

RULE = Rule.parse("exp(sign(g)*sign(m)) * g")
PROTOCOL = Protocol(learning_rates=(1e-3, 0.01, 0.1), epochs=3, train_examples=600, first_epoch_floor=0.9)
CHILD = ChildConfig(network="mlp", protocol=PROTOCOL)


def run(rate: float, *accuracies: float, outcome: Any = "trained", loss: float = 1.0) -> RunRecord:
    curve = tuple(EpochPoint(epoch, loss, value) for epoch, value in enumerate(accuracies, 1))
    return RunRecord("final", rate, outcome, "", 0.0, curve)


@pytest.fixture(scope="module")
def result() -> ChildResult:
    return train_transfer(RULE, CHILD, 1, device="cpu")


def test_every_rate_trains_all_epochs_whatever_the_floor(result: ChildResult) -> None:
    rates = result.extra["rates"]
    assert tuple(entry["learning_rate"] for entry in rates) == PROTOCOL.learning_rates
    for entry in rates:
        assert [point["epoch"] for point in entry["curve"]] == [1, 2, 3]
        assert entry["outcome"] == "trained"
        assert all(0 <= point["test_accuracy"] <= 1 for point in entry["curve"])


def test_reward_rate_and_columns_are_those_of_the_best_final_validation(result: ChildResult) -> None:
    curves = {entry["learning_rate"]: entry["curve"] for entry in result.extra["rates"]}
    finals = {rate: curve[-1]["validation_accuracy"] for rate, curve in curves.items()}
    assert result.learning_rate in finals
    assert result.reward == max(finals.values()) == finals[result.learning_rate]
    chosen = curves[result.learning_rate]
    best = max(chosen, key=lambda point: point["validation_accuracy"])  # the first of equals
    assert result.extra["columns"] == {
        "final_validation": chosen[-1]["validation_accuracy"],
        "final_test": chosen[-1]["test_accuracy"],
        "best_validation": best["validation_accuracy"],
        "test_at_best_validation": best["test_accuracy"],
    }


def test_a_run_is_the_final_training_of_a_child_at_that_rate(result: ChildResult) -> None:
    child = CHILD.model_copy(update={"protocol": PROTOCOL.model_copy(update={"first_epoch_floor": 0.0})})
    prepared = prepare_child(RULE, child, 1, device="cpu")
    alone = train_run(prepared, "final", 0.01, final_plan(child.protocol, prepared.train_examples))
    assert result.runs[1].curve == alone.curve


def with_test_labels(monkeypatch: pytest.MonkeyPatch, change: Any) -> None:
    real = training._dataset

    def changed(*args: Any) -> Any:
        data = real(*args)
        return dataclasses.replace(data, test_labels=change(data.test_labels))

    monkeypatch.setattr(training, "_dataset", changed)


@pytest.mark.parametrize(
    "change",
    [lambda labels: labels[torch.randperm(len(labels))], lambda labels: torch.zeros_like(labels)],
    ids=["permuted", "all zero"],
)
def test_other_test_labels_change_no_choice(monkeypatch: pytest.MonkeyPatch, result: ChildResult, change: Any) -> None:
    with_test_labels(monkeypatch, change)
    other = train_transfer(RULE, CHILD, 1, device="cpu")
    assert (other.learning_rate, other.reward, other.outcome) == (result.learning_rate, result.reward, result.outcome)
    assert [entry.curve for entry in other.runs] == [entry.curve for entry in result.runs]
    for name in ("final_validation", "best_validation"):
        assert other.extra["columns"][name] == result.extra["columns"][name]
    assert other.extra["columns"]["final_test"] < result.extra["columns"]["final_test"]


def test_columns_of_a_run_whose_best_epoch_is_not_its_last() -> None:
    tested = FullRun(run(0.1, 0.5, 0.8, 0.8, 0.7), (0.4, 0.6, 0.9, 0.65))
    assert columns(tested) == dict(zip(COLUMNS, (0.7, 0.65, 0.8, 0.6), strict=True))


def test_the_choice_is_by_the_final_accuracy_not_the_best_one() -> None:
    runs = [run(0.01, 0.9, 0.5), run(0.1, 0.4, 0.6), run(1.0, 0.99, 0.99, outcome="diverged")]
    assert choose(runs) == 1
    assert choose([run(0.01, 0.6), run(0.1, 0.6)]) == 0
    assert choose(runs[2:]) is None


def test_a_rule_that_diverges_everywhere_has_no_columns() -> None:
    result = train_transfer(Rule.parse("exp(exp(exp(2))) + g"), CHILD, 1, device="cpu")
    assert (result.outcome, result.reward, result.learning_rate) == ("diverged", 0.0, None)
    assert result.extra["columns"] == dict.fromkeys(COLUMNS)
    assert [entry["outcome"] for entry in result.extra["rates"]] == ["diverged"] * 3
    assert "3 learning rates" in result.reason
    json.dumps(result.to_dict(), allow_nan=False)


def test_each_epoch_is_told_and_a_stop_ends_it() -> None:
    events: list[dict[str, Any]] = []
    result = train_transfer(RULE, CHILD, 1, events.append, device="cpu")
    told = [(e["learning_rate"], e["epoch"], e["validation_accuracy"]) for e in events]
    assert told == [(r.learning_rate, p.epoch, p.validation_accuracy) for r in result.runs for p in r.curve]
    assert {(e["event"], e["stage"]) for e in events} == {("epoch", "final")}

    asked = threading.Event()
    endless = CHILD.model_copy(update={"protocol": PROTOCOL.model_copy(update={"epochs": 1000})})
    with pytest.raises(ChildStopped):
        train_transfer(RULE, endless, 1, lambda event: asked.set(), asked.is_set, "cpu")
