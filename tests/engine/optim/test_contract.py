"""What torch users expect of an optimizer, of RuleOptimizer and of the file alike."""

import copy
import math
import pickle
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.optim import lr_scheduler

from engine.optim import RuleOptimizer
from engine.optim.arguments import FOREIGN as FOREIGN_NAMES
from tests.engine.optim.files import optimizer_class, parameters, same, take_steps

Make = Callable[..., torch.optim.Optimizer]
KINDS = ["RuleOptimizer", "file"]
FOREIGN = ["capturable", "differentiable", "fused", "amsgrad", "nesterov", "momentum", "betas", "eps"]


def maker(kind: str, text: str = "exp(sign(g) * sign(m)) * g") -> Make:
    return optimizer_class(text) if kind == "file" else partial(RuleOptimizer, rule=text)


def one(value: float = 1.0) -> nn.Parameter:
    w = nn.Parameter(torch.full((2,), value))
    w.grad = torch.ones_like(w)
    return w


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("settings", "named"),
    [({"lr": -1}, "lr"), ({"lr": math.nan}, "lr"), ({"lr": torch.ones(2)}, "lr"), ({"total_steps": 0}, "total_steps"),
     ({"weight_decay": -1}, "weight_decay"), ({"weight_decay": math.nan}, "weight_decay"), ({"foreach": 2}, "foreach")],
)  # fmt: skip
def test_numbers_out_of_range_are_refused_by_name_in_a_group_too(
    kind: str, settings: dict[str, Any], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        maker(kind)([one()], **settings)
    with pytest.raises(ValueError, match=named):
        maker(kind)([{"params": [one()], **settings}])
    optimizer = maker(kind)([one()])
    with pytest.raises(ValueError, match=named):
        optimizer.add_param_group({"params": [one()], **settings})
    assert len(optimizer.param_groups) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", [*FOREIGN, "nonsense"])
def test_what_only_other_optimizers_have_is_refused_by_name(kind: str, name: str) -> None:
    with pytest.raises(TypeError, match=rf"does not support {name}; its rule is fixed\. It has lr, "):
        maker(kind)([one()], **{name: 0.9})
    if name in FOREIGN:
        with pytest.raises(TypeError, match=name):
            maker(kind)([{"params": [one()], name: 0.9}])
        maker(kind)([one()], **{name: False}).step()


def test_the_file_refuses_what_rule_optimizer_refuses() -> None:
    assert sys.modules[optimizer_class("g").__module__].UNSUPPORTED == FOREIGN_NAMES


@pytest.mark.parametrize("kind", KINDS)
def test_a_rule_that_decays_needs_total_steps_in_each_group(kind: str) -> None:
    make = maker(kind, "g * ld")
    with pytest.raises(ValueError, match="total_steps"):
        make([one()])
    optimizer = make([one()], total_steps=3)
    with pytest.raises(ValueError, match="total_steps"):
        optimizer.add_param_group({"params": [one()], "total_steps": None})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("foreach", [True, False, None])
def test_sparse_gradients_and_complex_parameters_are_refused_by_name(kind: str, foreach: bool | None) -> None:
    embedding = nn.Embedding(4, 2, sparse=True)
    embedding(torch.tensor([1])).sum().backward()
    with pytest.raises(RuntimeError, match="sparse gradients"):
        maker(kind)(embedding.parameters(), foreach=foreach).step()
    w = nn.Parameter(torch.ones(2, dtype=torch.complex64))
    w.grad = torch.ones_like(w)
    with pytest.raises(RuntimeError, match="complex parameters"):
        maker(kind)([w], foreach=foreach).step()


@pytest.mark.parametrize("kind", KINDS)
def test_everything_adjustable_stands_in_defaults_and_old_groups_get_it(kind: str) -> None:
    optimizer = maker(kind)([one()])
    names = {"lr", "total_steps", "weight_decay", "seed", "maximize", "foreach"}
    assert names <= set(optimizer.defaults)
    saved = optimizer.state_dict()
    for group in saved["param_groups"]:
        del group["foreach"], group["maximize"]
    optimizer.load_state_dict(saved)
    assert names <= set(optimizer.param_groups[0])
    old = maker(kind)([one()])
    del old.defaults["foreach"], old.param_groups[0]["foreach"]
    newer = copy.deepcopy(old)
    newer.param_groups[0]["params"][0].grad = torch.ones(2)
    newer.step()


@pytest.mark.parametrize("kind", KINDS)
def test_a_closure_runs_with_gradients_and_its_loss_is_returned(kind: str) -> None:
    w = one()
    optimizer = maker(kind, "g")([w], lr=0.1)

    def closure() -> Tensor:
        optimizer.zero_grad()
        assert torch.is_grad_enabled()
        loss = w.square().sum()
        loss.backward()
        return loss

    with torch.no_grad():
        assert float(optimizer.step(closure)) == 2.0  # type: ignore[arg-type]
    torch.testing.assert_close(w.detach(), torch.full((2,), 0.8))


@pytest.mark.parametrize("kind", KINDS)
def test_state_is_lazy_and_has_the_layout_of_its_parameter(kind: str) -> None:
    image = nn.Parameter(torch.randn(2, 3, 4, 4).to(memory_format=torch.channels_last))
    idle = one()
    idle.grad = None
    optimizer = maker(kind, "adam + lion")([image, idle])
    assert not optimizer.state
    image.grad = torch.randn(2, 3, 4, 4)
    optimizer.step()
    assert list(optimizer.state) == [image]
    kept = {name: value for name, value in optimizer.state[image].items() if name != "step"}
    assert set(kept) == {"m", "v", "m_before"}
    assert all(value.is_contiguous(memory_format=torch.channels_last) for value in kept.values())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("foreach", [True, False])
def test_the_rate_is_read_at_each_step_and_may_be_a_tensor(kind: str, foreach: bool) -> None:
    number, tensor, element = one(), one(), one()
    schedule = (0.5, 0.25, 0.125)
    rates: list[Any] = [schedule[0], torch.tensor(schedule[0]), torch.tensor([schedule[0]])]
    optimizers = [
        maker(kind, "g")([w], lr=rate, weight_decay=0.5, foreach=foreach)
        for w, rate in zip((number, tensor, element), rates, strict=True)
    ]
    for rate in schedule:
        for optimizer in optimizers:
            if isinstance(optimizer.param_groups[0]["lr"], Tensor):
                optimizer.param_groups[0]["lr"].fill_(rate)
            else:
                optimizer.param_groups[0]["lr"] = rate
            optimizer.step()
    w = 1.0
    for rate in schedule:
        w = w * (1 - rate * 0.5) - rate
    for parameter in (number, tensor, element):
        torch.testing.assert_close(parameter.detach(), torch.full((2,), w))


SCHEDULERS: dict[str, Callable[[torch.optim.Optimizer], lr_scheduler.LRScheduler]] = {
    "StepLR": lambda optimizer: lr_scheduler.StepLR(optimizer, 2, 0.5),
    "OneCycleLR": lambda optimizer: lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=8, cycle_momentum=False),
    "CosineAnnealingLR": lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, 8),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scheduler", SCHEDULERS)
@pytest.mark.parametrize("tensor", [False, True], ids=["number", "tensor"])
def test_schedulers_drive_it_as_they_drive_torchs_sgd(kind: str, scheduler: str, tensor: bool) -> None:
    ours, theirs = parameters(torch.float64), parameters(torch.float64)
    rate: Any = torch.tensor(0.1, dtype=torch.float64) if tensor else 0.1
    optimizer = maker(kind, "g")([{"params": ours[:2]}, {"params": ours[2:], "lr": 0.01}], lr=rate)
    reference = torch.optim.SGD([{"params": theirs[:2]}, {"params": theirs[2:], "lr": 0.01}], lr=0.1)
    first, second = SCHEDULERS[scheduler](optimizer), SCHEDULERS[scheduler](reference)
    for step in range(6):
        take_steps(optimizer, step, step + 1)
        take_steps(reference, step, step + 1)
        first.step()
        second.step()
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine.detach(), other.detach(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_a_gradient_scaler_unscales_and_skips_a_step_with_infinite_gradients(kind: str) -> None:
    w, plain = one(), one()
    optimizer, unscaled = maker(kind, "m")([w], lr=0.1), maker(kind, "m")([plain], lr=0.1)
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)  # type: ignore[attr-defined]
    for factor in (1.0, math.inf, 2.0):
        optimizer.zero_grad()
        scaler.scale((w * factor).sum()).backward()
        scaler.step(optimizer)
        scaler.update()
        if math.isfinite(factor):
            plain.grad = torch.full((2,), factor)
            unscaled.step()
    assert torch.equal(w, plain)
    assert scaler.get_scale() == 512.0
    assert optimizer.state[w]["step"] == 2


@pytest.mark.parametrize("kind", KINDS)
def test_step_hooks_are_called_and_a_pickled_optimizer_continues(kind: str) -> None:
    called = []
    tensors = parameters(torch.float32)
    optimizer = RuleOptimizer(tensors, "adam") if kind == "RuleOptimizer" else maker(kind, "adam")(tensors)
    hook = optimizer.register_step_post_hook(lambda *_: called.append(1))
    take_steps(optimizer, 0, 2)
    assert called == [1, 1]
    hook.remove()
    twin = pickle.loads(pickle.dumps(optimizer))
    take_steps(twin, 2, 4)
    take_steps(optimizer, 2, 4)
    assert same(tensors, [tensor for group in twin.param_groups for tensor in group["params"]])


@pytest.mark.parametrize("kind", KINDS)
def test_no_step_waits_for_a_number_of_the_device(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> float:
        raise AssertionError("a step read a number of a tensor")

    tensors = parameters(torch.float32)
    optimizer = maker(kind, "exp(ld) * adam + 2")(tensors, lr=0.1, total_steps=9, weight_decay=0.1)
    for name in ("item", "__float__", "__bool__", "tolist"):
        monkeypatch.setattr(Tensor, name, refused)
    take_steps(optimizer, 0, 2)
