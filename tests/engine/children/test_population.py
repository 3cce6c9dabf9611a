"""Learning rates side by side: the same numbers as one by one, but for rounding; a member that diverges harms none."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from engine.children import networks
from engine.children.flat_network import FlatNetwork
from engine.children.population import sweep
from engine.children.population.convnet_gradient import written_out
from engine.children.population.stacks import stack
from engine.children.protocol import sweep_plan
from engine.children.run import train_run
from engine.children.training import prepare_child, train_child
from engine.config import ChildConfig
from engine.errors import ChildStopped
from engine.language import Rule
from engine.registry import protocol

DIGITS = {"channels": 1, "size": 8, "classes": 10}
KINDS = [
    ("convnet", {}),
    ("convnet", {"pooling": "last", "layers": 3, "filters": 4}),
    ("convnet", {"pooling": "global", "filters": 5}),
    ("convnet", {"pooling": "none", "layers": 1, "filters": 3}),
    ("mlp", {"layers": 2, "hidden": 16}),
    ("softmax", {}),
]
RATES = (1e-4, 1e-2, 1.0)


def child_of(name="convnet", settings=None, precision="float32", rates=RATES, **changes):
    rules = protocol("quick", learning_rates=rates, sweep_examples=400, precision=precision, **changes)
    return ChildConfig(network=name, network_settings=settings or {}, protocol=rules)


def together_and_alone(text, config, seed=3):
    """Both sweeps' records, and the events of both."""
    found = []
    for together in (True, False):
        events = []
        child = prepare_child(Rule.parse(text), config, seed, events.append, device="cpu")
        plan, rates = sweep_plan(config.protocol, child.train_examples), config.protocol.learning_rates
        if together:
            runs = sweep.train_sweep(child, rates, plan)
        else:
            runs = [train_run(child, "sweep", rate, plan) for rate in rates]
        found.append((runs, events))
    return found


@pytest.mark.parametrize(("name", "settings"), KINDS)
def test_each_member_has_the_logits_and_gradients_that_it_has_alone(name, settings):
    torch.manual_seed(0)
    members = [FlatNetwork(networks.build(name, settings, **DIGITS).double(), torch.device("cpu")) for _ in range(3)]
    weights = torch.stack([member.weights.detach() for member in members]).requires_grad_()
    stacked = stack(members[0].network, 3, torch.float64)
    images, targets = torch.randn(7, 1, 8, 8, dtype=torch.float64), torch.arange(7)
    for training in (True, False):
        logits = stacked(weights, images, training)
        for row, member in zip(logits, members, strict=True):
            torch.testing.assert_close(row.double(), member.network.train(training)(images), rtol=1e-5, atol=1e-5)
    weights.grad = None
    sum(F.cross_entropy(row, targets) for row in stacked(weights, images, True)).backward()
    for row, member in zip(weights.grad, members, strict=True):
        member.backward(F.cross_entropy(member.network.train()(images), targets))
        torch.testing.assert_close(row, member.weights.grad, rtol=1e-4, atol=1e-6)  # logits are float32


@pytest.mark.parametrize("text", ["m", "adam + noise", "drop(m, 0.3) * ld", "exp(sign(g)*sign(m)) * g"])
@pytest.mark.parametrize(("name", "settings"), [("convnet", {"filters": 8}), ("mlp", {}), ("softmax", {})])
def test_a_sweep_side_by_side_ends_as_one_by_one(name, settings, text):
    """Four steps: losses within 0.1 %, accuracies within two of the 250 validation images."""
    (together, events), (alone, events_alone) = together_and_alone(text, child_of(name, settings))
    assert [run.outcome for run in together] == [run.outcome for run in alone] == ["trained"] * 3
    for mine, theirs in zip(together, alone, strict=True):
        assert mine.curve[0].train_loss == pytest.approx(theirs.curve[0].train_loss, rel=1e-3)
        assert mine.validation_accuracy == pytest.approx(theirs.validation_accuracy, abs=2 / 250)
        assert mine.curve[0].epoch == theirs.curve[0].epoch
    assert [event["learning_rate"] for event in events] == [event["learning_rate"] for event in events_alone]
    assert [set(event) for event in events] == [set(event) for event in events_alone]


def test_in_half_precision_too_a_sweep_ends_as_one_by_one():
    """bfloat16 has three digits: losses within 2 %, accuracies within 0.03."""
    (together, _), (alone, _) = together_and_alone("m", child_of(precision="bfloat16", rates=(1e-3, 1e-2, 1e-1)))
    for mine, theirs in zip(together, alone, strict=True):
        assert mine.curve[0].train_loss == pytest.approx(theirs.curve[0].train_loss, rel=2e-2)
        assert mine.validation_accuracy == pytest.approx(theirs.validation_accuracy, abs=0.03)


def test_members_that_diverge_say_when_as_they_do_alone_and_harm_no_other():
    rates = (1e-9, 100.0, 1000.0)
    (together, events), (alone, _) = together_and_alone("exp(exp(2)) * exp(exp(2)) * g", child_of("mlp", rates=rates))
    assert [run.outcome for run in together] == ["trained", "diverged", "diverged"]
    assert [(run.outcome, run.learning_rate) for run in together] == [(run.outcome, run.learning_rate) for run in alone]
    assert [run.reason for run in together[1:]] == [run.reason for run in alone[1:]]
    assert together[0].curve[0].train_loss == pytest.approx(alone[0].curve[0].train_loss, rel=1e-3)
    assert [event["learning_rate"] for event in events] == [1e-9]
    assert together[1].curve == ()


def test_a_sweep_of_which_all_diverge_ends_early(monkeypatch):
    steps = []
    step = sweep._Sweep._step
    monkeypatch.setattr(sweep._Sweep, "_step", lambda self, batch: steps.append(1) or step(self, batch))
    config = child_of("softmax", rates=(100.0, 1000.0), batch_size=2)
    result = train_child(Rule.parse("-exp(w(1e-1)) * exp(exp(2))"), config, 1, device="cpu")
    assert result.outcome == "diverged"
    assert len(steps) < 400 // 2


def test_a_sweep_side_by_side_is_the_same_to_the_bit_and_independent_of_what_ran_before():
    first, _ = together_and_alone("adam + noise", child_of())[0]
    together_and_alone("m", child_of(), seed=8)
    again, _ = together_and_alone("adam + noise", child_of())[0]
    assert [replace(run, seconds=0.0) for run in first] == [replace(run, seconds=0.0) for run in again]


def test_a_sweep_after_another_starts_from_fresh_weights_and_running_averages():
    config = child_of()
    child = prepare_child(Rule.parse("m"), config, 3, device="cpu")
    plan = sweep_plan(config.protocol, child.train_examples)
    first = sweep.train_sweep(child, RATES, plan)
    train_run(child, "sweep", 0.1, plan)
    assert [run.curve for run in sweep.train_sweep(child, RATES, plan)] == [run.curve for run in first]


def test_a_sweep_side_by_side_stops_when_it_should():
    with pytest.raises(ChildStopped):
        train_child(Rule.parse("g"), child_of(), 1, should_stop=lambda: True, device="cpu")


@pytest.mark.parametrize(
    ("config", "groups"),
    [
        (child_of(), [3]),
        (child_of("mlp"), [3]),
        (child_of(rates=(0.1,)), []),
        (child_of("deep-convnet", {"filters": 4, "layers": 1, "blocks": 1}), []),  # no stack of it
        (child_of(settings={"filters": 200}), []),  # so large that one by one is faster in float32
        (child_of(settings={"filters": 200}, precision="bfloat16"), [3]),
        (child_of(settings={"filters": 512}, precision="bfloat16", rates=(1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0)), [3, 3]),
    ],
)
def test_side_by_side_is_chosen_by_network_and_size(config, groups, monkeypatch):
    chosen = []
    monkeypatch.setattr(sweep._Sweep, "run", lambda self: chosen.append(len(self.rates)) or [])
    monkeypatch.setattr(sweep, "train_run", lambda *arguments: None)
    child = prepare_child(Rule.parse("g"), config, 1, device="cpu")
    sweep.train_sweep(child, config.protocol.learning_rates, sweep_plan(config.protocol, child.train_examples))
    assert chosen == groups


GREY_AND_COLOUR = [DIGITS, {"channels": 3, "size": 9, "classes": 10}]


@pytest.mark.parametrize("shape", GREY_AND_COLOUR)
@pytest.mark.parametrize(("name", "settings"), [kind for kind in KINDS if kind[0] == "convnet"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_gradient_written_out_is_autograd_s(name, settings, dtype, shape):
    torch.manual_seed(0)
    members = 3
    network = FlatNetwork(networks.build(name, settings, **shape), torch.device("cpu"))
    weights = (network.weights.detach() * torch.tensor([[1.0], [0.7], [2.0]])).requires_grad_()
    images, targets = torch.randn(20, shape["channels"], shape["size"], shape["size"]), torch.arange(20) % 10
    ours, theirs = (stack(network.network, members, dtype) for _ in range(2))
    each = F.cross_entropy(theirs(weights, images, True).flatten(0, 1), targets.repeat(3), reduction="none")
    each.view(3, -1).mean(1).sum().backward()
    gradient = torch.empty_like(weights)
    compute = written_out(network.network, gradient.device, members, dtype, ours.averages)
    losses = compute(weights.detach(), gradient, images, targets)
    torch.testing.assert_close(losses, each.detach().view(3, -1).mean(1), rtol=1e-5, atol=1e-5)
    tolerance = 1e-6 if dtype == torch.float32 else 2e-3  # of gradients of about 1
    torch.testing.assert_close(gradient, weights.grad, rtol=0, atol=tolerance)
    for mine, other in zip(ours.averages, theirs.averages, strict=True):
        torch.testing.assert_close(mine.mean, other.mean, rtol=tolerance, atol=tolerance)
        torch.testing.assert_close(mine.variance, other.variance, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_losses_of_broken_weights_are_not_finite_as_autograd_s(value):
    network = FlatNetwork(networks.build("convnet", {}, **DIGITS), torch.device("cpu"))
    for place in (0, 300, -1):
        weights = network.weights.detach().repeat(2, 1)
        weights[0, place] = value
        stacked = stack(network.network, 2, torch.float32)
        compute = written_out(network.network, weights.device, 2, torch.float32, stacked.averages)
        losses = compute(weights, torch.empty_like(weights), torch.randn(20, 1, 8, 8), torch.arange(20) % 10)
        assert losses.isfinite().tolist() == [False, True]


def test_other_networks_and_devices_keep_autograd():
    network = networks.build("convnet", {}, **DIGITS)
    assert written_out(network, torch.device("meta"), 1, torch.float32) is None
    assert written_out(networks.build("mlp", {}, **DIGITS), torch.device("cpu"), 1, torch.float32) is None
