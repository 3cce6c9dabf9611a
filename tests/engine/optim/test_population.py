"""Members of a population move as RuleOptimizer moves them alone, bit for bit, with the same random draws."""

import pytest
import torch

from engine.language import Rule
from engine.optim import RuleOptimizer, parts
from engine.optim import population as population_module
from engine.optim.population import PopulationOptimizer

TEXTS = [
    "g",
    "adam",
    "exp(sign(g)*sign(m)) * g",
    "g + noise",
    "drop(m, 0.3) * cd",
    "noise * anneal",
    "2",
    "lion + w(1e-3)",
]
RATES = [1e-3, 0.1, 3.0]


@pytest.mark.parametrize("part", [2**17, 64])
@pytest.mark.parametrize("text", TEXTS)
def test_every_member_moves_as_alone(text, part, monkeypatch):
    for module in (parts, population_module):
        monkeypatch.setattr(module, "PART", part)
    torch.manual_seed(0)
    weights = torch.randn(3, 200)
    together = weights.clone().requires_grad_()
    alone = [torch.nn.Parameter(row.clone()) for row in weights]
    rule = Rule.parse(text)
    one = PopulationOptimizer(together, rule, RATES, total_steps=5, seed=7)
    each = [RuleOptimizer([w], rule, lr=lr, total_steps=5, seed=7) for w, lr in zip(alone, RATES, strict=True)]
    for _ in range(4):
        together.grad = torch.randn(3, 200)
        for w, g, optimizer in zip(alone, together.grad, each, strict=True):
            w.grad = g.clone()
            optimizer.step()
        one.step()
    assert torch.equal(together.detach(), torch.stack([w.detach() for w in alone]))
    assert not torch.equal(together.detach(), weights)


def test_a_member_that_is_not_finite_leaves_the_others_alone():
    weights = torch.ones(2, 5).requires_grad_()
    optimizer = PopulationOptimizer(weights, Rule.parse("adam"), [0.1, 0.1], total_steps=3, seed=0)
    for _ in range(3):
        weights.grad = torch.tensor([[float("nan")], [1.0]]).expand(2, 5).clone()
        optimizer.step()
    assert bool(weights[0].isnan().all())
    torch.testing.assert_close(weights[1].detach(), torch.full((5,), 0.7))
