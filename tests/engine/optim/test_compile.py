"""The step under torch.compile: the same numbers, and few compilations however many steps there are."""

import pytest
import torch

from tests.engine.optim.files import TOTAL, optimizer_class, parameters, take_steps


# Inductor writes C++ and takes seconds; what is compiled how often does not depend on it.
@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
@pytest.mark.parametrize(
    ("text", "backend"),
    [("exp(ld * sign(g) * sign(m)) * g", "inductor"), ("adam + lion", "aot_eager"), ("2^g / v - cd(2)", "aot_eager")],
)
def test_the_compiled_step_of_a_file_is_the_step(text: str, backend: str) -> None:
    torch.compiler.reset()
    expected, ours = parameters(torch.float32)[2:], parameters(torch.float32)[2:]
    plain = optimizer_class(text)(expected, lr=0.01, total_steps=TOTAL)
    compiled = optimizer_class(text)(ours, lr=0.01, total_steps=TOTAL)
    torch._dynamo.utils.counters.clear()
    run = torch.compile(compiled.step, backend=backend)
    compiled.step = run  # type: ignore[method-assign]
    take_steps(plain, 0, 8)
    take_steps(compiled, 0, 8)
    for mine, other in zip(ours, expected, strict=True):
        torch.testing.assert_close(mine.detach(), other.detach(), rtol=1e-5, atol=1e-6)
    counts = torch._dynamo.utils.counters
    assert counts["frames"]["ok"] == counts["frames"]["total"] <= 5  # first, later, any step; a gradient less
    assert not counts["graph_break"]
