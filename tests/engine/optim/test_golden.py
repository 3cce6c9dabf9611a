"""Every primitive and every named rule: the file is the interpreter, and lists are one by one, bit for bit."""

import copy
import io

import pytest
import torch
from torch import nn

from engine.language import Rule
from engine.lowering import list_lines
from engine.optim import RuleOptimizer
from engine.optim.parts import PART
from tests.engine.optim.files import EVERY_RULE, TOTAL, groups, optimizer_class, parameters, same, take_steps

DTYPES = [torch.float32, torch.float64]
NUMBERS_IN_RULES = [
    "2 - g", "g - 2", "2 / g", "g / 2", "g / (1 - 1)", "2^g", "g^2.5", "g^ld", "cd * g", "-1", "ld", "exp(cd) * ld",
    "lion * w + g / (0.5 - ld)", "(g + m) * (g + m) - (g + m)", "m(0.5) * adam + clip(rmsprop, 1e-5) - gamma / (v + 1)",
    "lion(0.5, 0.25) + lion + m(0.99)", "log(0 * g + 2) + sqrt(-g) * sign(-m)", "a = g - m; a * a / a", "left(g, lion)",
    "left(2, m) + g",
]  # fmt: skip


def interpreter(tensors: list[nn.Parameter], text: str, foreach: bool | None) -> RuleOptimizer:
    return RuleOptimizer(groups(tensors), text, lr=0.01, total_steps=TOTAL, foreach=foreach)


@pytest.mark.parametrize("dtype", DTYPES, ids=["float32", "float64"])
@pytest.mark.parametrize("text", [*EVERY_RULE, *NUMBERS_IN_RULES])
def test_file_and_interpreter_lists_and_one_by_one_take_the_same_steps(text: str, dtype: torch.dtype) -> None:
    expected = parameters(dtype)
    take_steps(interpreter(expected, text, foreach=False), 0, 5)
    for foreach in (True, False):
        ours, theirs = parameters(dtype), parameters(dtype)
        take_steps(interpreter(ours, text, foreach), 0, 5)
        take_steps(optimizer_class(text)(groups(theirs), lr=0.01, total_steps=TOTAL, foreach=foreach), 0, 5)
        assert same(expected, ours)
        assert same(expected, theirs)


@pytest.mark.parametrize("text", EVERY_RULE)
def test_a_file_saved_loaded_or_copied_continues_bit_for_bit(text: str) -> None:
    first = parameters(torch.float32)
    optimizer = optimizer_class(text)(groups(first), lr=0.01, total_steps=TOTAL)
    take_steps(optimizer, 0, 3)
    saved = io.BytesIO()
    torch.save(optimizer.state_dict(), saved)
    copied, twin = copy.deepcopy((first, optimizer))
    resumed = copy.deepcopy(first)
    take_steps(optimizer, 3, 6)
    take_steps(twin, 3, 6)
    fresh = optimizer_class(text)(groups(resumed), lr=0.5, total_steps=7)
    fresh.load_state_dict(torch.load(io.BytesIO(saved.getvalue()), weights_only=True))
    take_steps(fresh, 3, 6)
    assert same(first, copied)
    assert same(first, resumed)


@pytest.mark.parametrize("text", EVERY_RULE)
def test_bf16_parameters_and_their_state_stay_bf16(text: str) -> None:
    expected, theirs = parameters(torch.bfloat16), parameters(torch.bfloat16)
    take_steps(interpreter(expected, text, foreach=False), 0, 3)
    optimizer = optimizer_class(text)(groups(theirs), lr=0.01, total_steps=TOTAL, foreach=True)
    take_steps(optimizer, 0, 3)
    assert same(expected, theirs)
    kept = [value for state in optimizer.state.values() for value in state.values() if isinstance(value, torch.Tensor)]
    assert {value.dtype for value in [*kept, *theirs]} == {torch.bfloat16}


@pytest.mark.parametrize("text", ["exp(cd * sign(g) * sign(m)) * g", "adam * exp(m)", "lion + 2^g", "ld"])
def test_lists_of_large_and_small_tensors_of_two_types_and_at_other_steps_are_one_by_one(text: str) -> None:
    sizes = (2 * PART + 5, 7, PART - 3, 10, PART, 0)

    def made() -> list[nn.Parameter]:
        tensors = [torch.linspace(-1, 1, size) for size in sizes] + [torch.linspace(-1, 1, 9).double()]
        return [nn.Parameter(tensor) for tensor in tensors]

    expected, ours, theirs = made(), made(), made()
    settings = {"lr": torch.tensor([0.01]), "total_steps": TOTAL, "weight_decay": 0.1, "maximize": True}
    take_steps(RuleOptimizer(expected, text, foreach=False, **settings), 0, 4)  # type: ignore[arg-type]
    take_steps(RuleOptimizer(ours, text, **settings), 0, 4)  # type: ignore[arg-type]
    take_steps(optimizer_class(text)(theirs, **settings), 0, 4)
    assert same(expected, ours)
    assert same(expected, theirs)


def test_only_rules_with_random_draws_are_not_lowered() -> None:
    for text in EVERY_RULE:
        rule = Rule.parse(text)
        assert (list_lines(rule) is None) == rule.uses("random")


def test_lists_are_really_used_and_overwritten_where_they_are_read_no_more() -> None:
    lines = list_lines(Rule.parse("exp(sign(g) * sign(m)) * g"))
    assert lines == [
        'm = averages["m"]',
        "torch._foreach_mul_(m, number(0.9))",
        "torch._foreach_add_(m, gs, alpha=1 - 0.9)",
        "x1 = torch._foreach_sign(gs)",
        "x2 = torch._foreach_sign(m)",
        "torch._foreach_mul_(x1, x2)",
        "del x2",
        "torch._foreach_exp_(x1)",
        "torch._foreach_mul_(x1, gs)",
        "torch._foreach_mul_(x1, number(lr))",
        "return x1",
    ]
    called = []
    ours = parameters(torch.float32)
    optimizer = interpreter(ours, "g", foreach=None)  # Of the first group, a list of one is left: that goes alone.
    function = optimizer._lists
    assert function is not None
    optimizer._lists = lambda *given: called.append(len(given[0])) or function(*given)  # type: ignore[func-returns-value]
    take_steps(optimizer, 0, 1)
    assert called == [3]
