"""RuleOptimizer against formulas written out here, and against what torch users expect of an optimizer."""

import copy
import io
import math

import pytest
import torch
from torch import Tensor, nn

from engine.language import PRIMITIVES, Rule
from engine.optim import RuleOptimizer, decays
from engine.optim.functions import BINARIES, OPERANDS, UNARIES
from engine.optim.parts import PART
from engine.optim.random_draws import draw_seed

STEPS = 60


def gradients(steps: int = STEPS, seed: int = 0) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(7, dtype=torch.float64, generator=generator) for _ in range(steps)]


def run(rule: str, lr: float = 0.1, steps: int = STEPS, **settings: object) -> Tensor:
    w = nn.Parameter(torch.linspace(-1, 1, 7, dtype=torch.float64))
    optimizer = RuleOptimizer([w], rule, lr, **settings)  # type: ignore[arg-type]
    for g in gradients(steps):
        w.grad = g.clone()
        optimizer.step()
    return w.detach()


def reference(update: object, lr: float = 0.1, steps: int = STEPS) -> Tensor:
    """w after the steps, when `update(g, m, v, gamma, w, t)` with bias-corrected averages is Δ."""
    w = torch.linspace(-1, 1, 7, dtype=torch.float64)
    m, v, gamma = (torch.zeros(7, dtype=torch.float64) for _ in range(3))
    for t, g in enumerate(gradients(steps)):
        m, v, gamma = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2, 0.999 * gamma + 0.001 * g**3
        corrected = m / (1 - 0.9 ** (t + 1)), v / (1 - 0.999 ** (t + 1)), gamma / (1 - 0.999 ** (t + 1))
        w = w - lr * update(g, *corrected, w, t)  # type: ignore[operator]
    return w


FORMULAS = [
    ("g", lambda g, m, v, c, w, t: g),
    ("g^2", lambda g, m, v, c, w, t: g**2),
    ("g^3", lambda g, m, v, c, w, t: g**3),
    ("m", lambda g, m, v, c, w, t: m),
    ("v", lambda g, m, v, c, w, t: v),
    ("gamma", lambda g, m, v, c, w, t: c),
    ("w(1e-4)", lambda g, m, v, c, w, t: 1e-4 * w),
    ("adam", lambda g, m, v, c, w, t: m / (v.sqrt() + 1e-8)),
    ("rmsprop", lambda g, m, v, c, w, t: g / (v.sqrt() + 1e-8)),
    ("g + 2", lambda g, m, v, c, w, t: g + 2),
    ("g * ld", lambda g, m, v, c, w, t: g * (1 - t / 60)),
    ("g * cd", lambda g, m, v, c, w, t: g * 0.5 * (1 + math.cos(math.pi * t / 60))),
    ("g * cd(2)", lambda g, m, v, c, w, t: g * 0.5 * (1 + math.cos(4 * math.pi * t / 60))),
    ("g * rd(3)", lambda g, m, v, c, w, t: g * 0.5 * (1 + math.cos(math.pi * ((3 * t) % 60) / 60))),
    ("exp(-g)", lambda g, m, v, c, w, t: torch.exp(-g)),
    ("log(g)", lambda g, m, v, c, w, t: torch.log(g.abs())),
    ("sqrt(g)", lambda g, m, v, c, w, t: g.abs().sqrt()),
    ("clip(g, 1e-3)", lambda g, m, v, c, w, t: g.clamp(-1e-3, 1e-3)),
    ("sign(g) * sign(m)", lambda g, m, v, c, w, t: g.sign() * m.sign()),
    ("g - m / v", lambda g, m, v, c, w, t: g - m / (v + 1e-8)),
    ("v ^ m", lambda g, m, v, c, w, t: v**m),
    ("left(g, m)", lambda g, m, v, c, w, t: g),
]


@pytest.mark.parametrize(("rule", "formula"), FORMULAS, ids=[rule for rule, _ in FORMULAS])
def test_a_rule_computes_its_formula(rule: str, formula: object) -> None:
    torch.testing.assert_close(run(rule, total_steps=60), reference(formula), rtol=1e-9, atol=1e-9)


def test_adam_is_torchs_adam_and_g_is_torchs_sgd() -> None:
    for rule, kind in (("adam", torch.optim.Adam), ("g", torch.optim.SGD)):
        w = nn.Parameter(torch.linspace(-1, 1, 7, dtype=torch.float64))
        theirs = kind([w], lr=0.1)
        for g in gradients():
            w.grad = g.clone()
            theirs.step()
        torch.testing.assert_close(run(rule), w.detach(), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("decay", ["1", "ld", "cd", "rd"])
def test_powersign_and_addsign_equal_the_public_formulas_bit_for_bit(decay: str) -> None:
    """TensorFlow contrib opt, powersign.py and addsign.py: m without bias correction, updated before it is used."""
    total = 1000
    f = {
        "1": lambda t: 1.0,
        "ld": lambda t: decays.linear_decay(t, total),
        "cd": lambda t: 0.5 * (1 + math.cos(2 * math.pi * 0.5 * t / total)),
        "rd": lambda t: 0.5 * (1 + math.cos(math.pi * (t * 1.0 % total) / total)),
    }[decay]
    expected = {"power": torch.linspace(-1, 1, 7, dtype=torch.float64), "add": torch.linspace(-1, 1, 7).double()}
    expected["add"] = expected["power"].clone()
    m = torch.zeros(7, dtype=torch.float64)
    for t, g in enumerate(gradients(total)):
        m = m.mul(0.9).add(g, alpha=1 - 0.9)
        agreement = f(t) * (g.sign() * m.sign())
        expected["power"] = expected["power"] - 0.1 * (torch.exp(agreement) * g)
        expected["add"] = expected["add"] - 0.1 * ((1.0 + agreement) * g)
    times = "" if decay == "1" else f"{decay} * "
    ours = run(f"exp({times}(sign(g) * sign(m))) * g", steps=total, total_steps=total)
    assert torch.equal(ours, expected["power"])
    ours = run(f"(1 + {times}(sign(g) * sign(m))) * g", steps=total, total_steps=total)
    assert torch.equal(ours, expected["add"])


@pytest.mark.parametrize(("rule", "beta1", "beta2"), [("lion", 0.9, 0.99), ("lion(0.95, 0.98)", 0.95, 0.98)])
@pytest.mark.parametrize("foreach", [True, False])
def test_lion_equals_the_public_formula_bit_for_bit(rule: str, beta1: float, beta2: float, foreach: bool) -> None:
    """Chen et al. 2023 (arXiv 2302.06675), as the authors write it in PyTorch: m is read before its update."""
    w, m = torch.linspace(-1, 1, 7, dtype=torch.float64), torch.zeros(7, dtype=torch.float64)
    for g in gradients(1000):
        update = m * beta1 + g * (1 - beta1)
        w = w - 0.1 * update.sign()
        m = m.mul(beta2).add(g, alpha=1 - beta2)
    assert torch.equal(run(rule, steps=1000, foreach=foreach), w)


def test_lion_and_an_average_of_the_same_decay_do_not_disturb_each_other() -> None:
    w = nn.Parameter(torch.zeros(7, dtype=torch.float64))
    optimizer = RuleOptimizer([w], "lion + m(0.99)", lr=1.0)
    m = torch.zeros(7, dtype=torch.float64)
    for t, g in enumerate(gradients(5), 1):
        before = w.detach().clone()
        w.grad = g.clone()
        optimizer.step()
        expected = torch.sign(0.9 * m + 0.1 * g)
        m = 0.99 * m + 0.01 * g
        torch.testing.assert_close(before - w.detach(), expected + m / (1 - 0.99**t), rtol=1e-9, atol=1e-12)


def test_every_row_of_the_table_has_its_function() -> None:
    computed = {**OPERANDS, **UNARIES, **BINARIES, "drop": None}
    assert set(computed) == set(PRIMITIVES)


def test_noise_has_the_variance_that_it_says_and_annealed_noise_falls() -> None:
    w = nn.Parameter(torch.zeros(200_000))
    optimizer = RuleOptimizer([w], "noise", lr=1.0)
    w.grad = torch.zeros_like(w)
    optimizer.step()
    assert w.var().item() == pytest.approx(0.01, rel=0.02)
    w = nn.Parameter(torch.zeros(200_000))
    optimizer = RuleOptimizer([w], "anneal", lr=1.0)
    for t in range(4):
        w.data.zero_()
        w.grad = torch.zeros_like(w)
        optimizer.step()
        assert w.var().item() == pytest.approx(1 / (1 + t) ** 0.55, rel=0.02)


def test_drop_sets_its_share_to_zero_and_does_not_rescale_the_rest() -> None:
    w = nn.Parameter(torch.zeros(100_000))
    optimizer = RuleOptimizer([w], "drop(g, 0.3)", lr=1.0)
    w.grad = torch.ones_like(w)
    optimizer.step()
    assert set(w.unique().tolist()) == {-1.0, 0.0}
    assert (w == 0).float().mean().item() == pytest.approx(0.3, abs=0.01)


def test_two_written_drops_are_two_draws_and_a_named_one_is_one() -> None:
    for rule, share in (("drop(g, 0.5) * drop(g, 0.5)", 0.25), ("a = drop(g, 0.5); a * a", 0.5)):
        w = nn.Parameter(torch.zeros(100_000))
        optimizer = RuleOptimizer([w], rule, lr=1.0)
        w.grad = torch.ones_like(w)
        optimizer.step()
        assert (w != 0).float().mean().item() == pytest.approx(share, abs=0.01)


def test_draws_are_mixed_and_depend_on_seed_parameter_and_step() -> None:
    seeds = {draw_seed(s, p, t) & 0xFFFFFFFF for s in range(10) for p in range(10) for t in range(10)}
    assert len(seeds) == 1000


@pytest.mark.parametrize("rule", ["drop(m, 0.3) * exp(v) + noise", "exp(cd * sign(g) * sign(m)) * g"])
def test_saved_and_loaded_or_copied_it_continues_bit_for_bit(rule: str) -> None:
    model = nn.Linear(4, 3)
    optimizer = RuleOptimizer(model.parameters(), rule, lr=0.01, total_steps=20)
    data = [torch.randn(8, 4, generator=torch.Generator().manual_seed(i)) for i in range(10)]
    for x in data[:5]:
        _train(model, optimizer, x)
    saved = io.BytesIO()
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, saved)
    twin_model, twin = copy.deepcopy((model, optimizer))
    for x in data[5:]:
        _train(model, optimizer, x)
        _train(twin_model, twin, x)
    saved.seek(0)
    loaded = torch.load(saved, weights_only=True)
    fresh = nn.Linear(4, 3)
    fresh.load_state_dict(loaded["model"])
    resumed = RuleOptimizer(fresh.parameters(), rule, lr=0.5, total_steps=7)
    resumed.load_state_dict(loaded["optimizer"])
    for x in data[5:]:
        _train(fresh, resumed, x)
    for mine, copied, loaded_ in zip(model.parameters(), twin_model.parameters(), fresh.parameters(), strict=True):
        assert torch.equal(mine, copied)
        assert torch.equal(mine, loaded_)


def _train(model: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor) -> None:
    optimizer.zero_grad()
    model(x).square().mean().backward()
    optimizer.step()


def test_one_flat_tensor_is_as_good_as_many() -> None:
    split = [nn.Parameter(torch.ones(3)), nn.Parameter(torch.ones(4))]
    flat = nn.Parameter(torch.ones(7))
    many, one = RuleOptimizer(split, "adam * exp(m)", lr=0.1), RuleOptimizer([flat], "adam * exp(m)", lr=0.1)
    for g in gradients(10):
        flat.grad = g.float()
        split[0].grad, split[1].grad = g.float()[:3], g.float()[3:]
        many.step()
        one.step()
    assert torch.equal(flat, torch.cat(split))


def test_a_large_tensor_in_parts_gets_the_update_of_the_whole() -> None:
    large, small = nn.Parameter(torch.ones(PART + 3)), nn.Parameter(torch.ones(3))
    cut, whole = RuleOptimizer([large], "adam * exp(m)", lr=0.1), RuleOptimizer([small], "adam * exp(m)", lr=0.1)
    for seed in range(3):
        large.grad = torch.randn(PART + 3, generator=torch.Generator().manual_seed(seed))
        small.grad = large.grad[-3:].clone()
        cut.step()
        whole.step()
    assert torch.equal(large[-3:], small)


def test_it_works_with_a_closure_a_scheduler_two_groups_and_a_tensor_rate() -> None:
    a, b = nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2))
    optimizer = RuleOptimizer([{"params": [a]}, {"params": [b], "lr": torch.tensor(0.5)}], "g", lr=0.1)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.1)

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = a.sum() + b.sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 4.0
    scheduler.step()
    optimizer.step(closure)
    torch.testing.assert_close(a.detach(), torch.full((2,), 0.89))
    torch.testing.assert_close(b.detach(), torch.full((2,), 0.45))


def test_weight_decay_is_decoupled_and_maximize_climbs() -> None:
    w = nn.Parameter(torch.ones(1))
    optimizer = RuleOptimizer([w], "g", lr=0.1, weight_decay=0.5, maximize=True)
    w.grad = torch.ones(1)
    optimizer.step()
    assert w.item() == pytest.approx(1 * (1 - 0.05) + 0.1)


def test_bf16_parameters_stay_bf16() -> None:
    w = nn.Parameter(torch.ones(8, dtype=torch.bfloat16))
    optimizer = RuleOptimizer([w], "exp(ld) * drop(m, 0.1) + noise + 1", lr=0.1, total_steps=5)
    w.grad = torch.ones_like(w)
    optimizer.step()
    assert w.dtype == torch.bfloat16
    assert w.isfinite().all()


def test_parameters_without_a_gradient_are_left_alone() -> None:
    w = nn.Parameter(torch.ones(1))
    optimizer = RuleOptimizer([w], "1", lr=0.1)
    optimizer.step()
    assert w.item() == 1.0
    assert not optimizer.state


def test_wrong_values_are_refused_by_name() -> None:
    w = [nn.Parameter(torch.ones(1))]
    for settings, name in (({"lr": -1}, "lr"), ({"lr": math.nan}, "lr"), ({"weight_decay": -1}, "weight_decay"),
                           ({"total_steps": 0}, "total_steps"), ({"lr": torch.ones(2)}, "lr")):  # fmt: skip
        with pytest.raises(ValueError, match=name):
            RuleOptimizer(w, "g", **settings)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="total_steps"):
        RuleOptimizer(w, Rule.parse("g * ld"))


def test_sparse_gradients_and_complex_parameters_are_refused_by_name() -> None:
    embedding = nn.Embedding(4, 2, sparse=True)
    optimizer = RuleOptimizer(embedding.parameters(), "g")
    embedding(torch.tensor([1])).sum().backward()
    with pytest.raises(RuntimeError, match="sparse"):
        optimizer.step()
    w = nn.Parameter(torch.ones(2, dtype=torch.complex64))
    optimizer = RuleOptimizer([w], "g")
    w.grad = torch.ones_like(w)
    with pytest.raises(RuntimeError, match="complex"):
        optimizer.step()
