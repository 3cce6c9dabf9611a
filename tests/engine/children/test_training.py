"""Training a child: reproducible to the bit, honest about failure, and good where the rule is good."""

import threading
from dataclasses import replace

import pytest
import torch

from engine.children import run
from engine.children.training import prepare_child, train_child
from engine.config import ChildConfig
from engine.errors import ChildStopped, MachineError
from engine.language import Rule
from engine.registry import PROTOCOLS, protocol

QUICK = ChildConfig(protocol=protocol("quick"))
SHORT = protocol("quick", learning_rates=(0.1,), sweep_examples=200, epochs=2, first_epoch_floor=0.0)
SHORT_CHILD = ChildConfig(network="mlp", protocol=SHORT)


def train(text, child=SHORT_CHILD, seed=1, **options):
    return train_child(Rule.parse(text), child, seed, device="cpu", **options)


def without_seconds(result):
    return replace(result, seconds=0.0, runs=tuple(replace(run, seconds=0.0) for run in result.runs))


def test_the_paper_s_protocol_with_plain_gradients_learns_the_digits():
    result = train("g", ChildConfig(protocol=protocol("paper")))
    assert result.outcome == "trained"
    assert result.reward > 0.9
    assert [r.stage for r in result.runs] == ["sweep"] * 7 + ["final"]
    assert len(result.runs[-1].curve) == 5
    assert result.reward == result.runs[-1].curve[-1].validation_accuracy


def test_the_quick_protocol_tells_good_rules_from_bad_ones():
    assert train("m", QUICK).reward > train("g^3", QUICK).reward > train("-g", QUICK).reward


@pytest.mark.parametrize("text", ["g", "adam + noise", "drop(m, 0.3) * ld"])
def test_the_same_rule_child_and_seed_give_the_same_bits(text):
    assert without_seconds(train(text)) == without_seconds(train(text))


def test_the_convnet_too_is_the_same_to_the_bit():
    child = ChildConfig(protocol=SHORT)
    assert without_seconds(train("m", child)) == without_seconds(train("m", child))


def test_another_seed_is_another_child():
    assert train("g", seed=1).runs[0].curve != train("g", seed=2).runs[0].curve


def test_what_ran_before_does_not_change_a_child():
    first = train("g + noise")
    train("m", seed=9)
    assert without_seconds(train("g + noise")) == without_seconds(first)


def test_a_rule_that_explodes_everywhere_diverges_with_reward_zero_and_a_reason():
    child = ChildConfig(network="mlp", protocol=protocol("quick", learning_rates=(100.0, 1000.0)))
    result = train("-exp(w(1e-1)) * exp(exp(2))", child)
    assert (result.reward, result.outcome, result.learning_rate) == (0.0, "diverged", None)
    assert "all 2 learning rates" in result.reason
    assert all(run.outcome == "diverged" and "step" in run.reason for run in result.runs)


def test_a_rate_that_diverges_does_not_spoil_the_others():
    rates = protocol("quick", learning_rates=(1e-3, 1e3), epochs=1, first_epoch_floor=0.0)
    result = train("exp(exp(2)) * g", ChildConfig(network="mlp", protocol=rates))
    assert [run.outcome for run in result.runs[:2]] == ["trained", "diverged"]
    assert result.learning_rate == 1e-3
    assert "1 diverged" in result.reason


def test_divergence_ends_a_run_early():
    child = ChildConfig(network="mlp", protocol=protocol("quick", learning_rates=(1000.0,), epochs=50))
    result = train("-exp(w(1e-1)) * exp(exp(2))", child)
    assert result.runs[0].curve == ()


def test_a_child_below_the_floor_after_its_first_epoch_is_dropped_with_its_accuracy_as_reward():
    child = ChildConfig(network="mlp", protocol=protocol("quick", epochs=5, first_epoch_floor=0.5))
    result = train("-g", child)
    final = result.runs[-1]
    assert result.outcome == final.outcome == "dropped"
    assert len(final.curve) == 1
    assert result.reward == final.curve[0].validation_accuracy < 0.5
    assert "below the protocol's floor of 0.50" in result.reason


def test_the_floor_does_not_judge_the_sweep():
    child = ChildConfig(network="mlp", protocol=protocol("quick", epochs=1, first_epoch_floor=0.5))
    assert all(run.outcome != "dropped" for run in train("-g", child).runs[:-1])


def test_each_epoch_is_an_event():
    events = []
    result = train("g", on_event=events.append)
    assert [(event["stage"], event["epoch"]) for event in events] == [("sweep", 200 / 1297), ("final", 1), ("final", 2)]
    assert events[-1]["validation_accuracy"] == result.reward
    assert set(events[0]) == {"event", "stage", "learning_rate", "epoch", "train_loss", "validation_accuracy"}


def test_training_stops_when_it_should():
    asked = threading.Event()
    child = ChildConfig(network="mlp", protocol=protocol("quick", epochs=1000, first_epoch_floor=0.0))
    with pytest.raises(ChildStopped):
        train("g", child, on_event=lambda event: asked.set(), should_stop=asked.is_set)


def test_only_the_examples_that_the_protocol_asks_for_are_used(monkeypatch):
    seen = []
    step = run._step
    monkeypatch.setattr(
        run, "_step", lambda child, optimizer, batch: seen.append(batch) or step(child, optimizer, batch)
    )
    small = SHORT.model_copy(update={"train_examples": 150, "validation_examples": 50, "batch_size": 50})
    result = train("g", ChildConfig(network="mlp", protocol=small))
    assert max(int(batch.max()) for batch in seen) < 150
    assert all((point.validation_accuracy * 50).is_integer() for point in result.runs[-1].curve)
    final = seen[-3:]  # One epoch of the final training sees each example once.
    assert sorted(int(i) for batch in final for i in batch) == list(range(150))


def test_an_unknown_device_is_named():
    with pytest.raises(MachineError, match="abacus"):
        train_child(Rule.parse("g"), SHORT_CHILD, 1, device="abacus")


def diverged(monkeypatch, break_it):
    """The reason of a run in which ``break_it(child, loss)`` gives each step's loss; the first epoch has 2 steps."""
    step = run._step
    monkeypatch.setattr(run, "_step", lambda child, *rest: break_it(child, step(child, *rest)))
    return train("g").runs[0].reason


@pytest.mark.parametrize(("value", "name"), [(float("nan"), "NaN"), (float("inf"), "infinite")])
def test_a_divergence_says_at_which_step_the_loss_was_nan_or_infinite(monkeypatch, value, name):
    losses = iter((1.0, value))
    reason = diverged(monkeypatch, lambda child, loss: torch.tensor(next(losses, 1.0)))
    assert reason == f"Diverged: by step 2 of 2 the loss was {name}."


@pytest.mark.parametrize(("value", "name"), [(float("nan"), "NaN"), (float("-inf"), "infinite")])
def test_a_divergence_of_the_weights_alone_is_named_too(monkeypatch, value, name):
    def break_it(child, loss):
        child.network.weights.data[3] = value
        return torch.tensor(1.0)

    assert diverged(monkeypatch, break_it) == f"Diverged: by step 2 of 2 a weight was {name}."


def with_seeds(count, child=SHORT_CHILD):
    return child.model_copy(update={"protocol": child.protocol.model_copy(update={"seeds": count})})


def test_several_seeds_share_the_sweep_and_each_trains_its_own_weights_and_order():
    one, three = without_seconds(train("g")), without_seconds(train("g", with_seeds(3)))
    assert [r.stage for r in three.runs] == ["sweep", "final", "final", "final"]
    assert three.runs[:2] == one.runs  # the first seed's are those of a child with one seed
    assert len({r.curve for r in three.runs[1:]}) == 3
    assert three.reward == pytest.approx(sum(r.validation_accuracy for r in three.runs[1:]) / 3)
    assert "over 3 seeds" in three.reason


def test_the_second_seed_trains_as_the_first_one_of_a_child_with_the_next_seed():
    both = without_seconds(train("g", with_seeds(2), seed=5))
    assert both.runs[2] == without_seconds(train("g", seed=6)).runs[1]


def test_every_split_can_be_judged_by_its_share_of_right_targets():
    child = prepare_child(Rule.parse("g"), SHORT_CHILD, 1, device="cpu")
    images, labels = child.data.batch("test", slice(None))
    with torch.no_grad():
        right = child.network.network.eval()(images).argmax(dim=1) == labels
    assert run.accuracy(child, "test") == float(right.double().mean())


@pytest.mark.parametrize("name", list(PROTOCOLS))
def test_every_preset_is_a_protocol(name):
    assert protocol(name).epochs >= 1
