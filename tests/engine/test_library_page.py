"""engine/README.md is right: its code runs, in its order, and it shows every public name."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

import engine
from engine.local import own
from engine.local.runner import run_search
from tests.engine.stand import Stand

PAGE = (Path(engine.__file__).parent / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)
TINY = {"budget": 4, "learning_rates": (0.01, 0.1), "sweep_batches": 3, "confirm_seeds": 2, "progress": False}


def test_the_first_example_has_at_most_fifteen_lines() -> None:
    lines = [line for line in BLOCKS[0].splitlines() if line.strip()]
    assert "search_optimizer(" in BLOCKS[0]
    assert len(lines) <= 15


def smaller(function: Callable[..., Any], **changes: Any) -> Callable[..., Any]:
    def call(*positional: Any, **named: Any) -> Any:
        return function(*positional, **{**named, **changes})

    return call


def test_every_block_runs_in_order_in_one_namespace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The searches are made tiny, and the processes of run_search are a stand; nothing else is changed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(own, "search_optimizer", smaller(own.search_optimizer, **TINY))
    monkeypatch.setattr(engine.local, "run_search", smaller(run_search, make_trainer=lambda: Stand([])))
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for block in BLOCKS:
        exec(compile(block, "engine/README.md", "exec"), namespace)
    assert namespace["report"].is_finished
    exported: dict[str, Any] = {}
    exec((tmp_path / "my_optimizer.py").read_text(), exported)
    exported["DiscoveredOptimizer"]([torch.nn.Parameter(torch.ones(2))]).step()


def test_every_public_name_is_there_and_has_its_place_on_the_page() -> None:
    """A line for each, and a block of code before the next one."""
    reference = PAGE[PAGE.index("## Every public name") :]
    for name in engine.__all__:
        assert getattr(engine, name) is not None
        assert f"**`{name}`**" in reference, f"{name} is not described"
        assert any(re.search(rf"\b{name}\b", block) for block in BLOCKS) or name in {
            "SearchReport",
            "Standing",
            "Spread",
        }


def test_every_argument_of_search_optimizer_is_on_the_page() -> None:
    code = own.search_optimizer.__code__
    arguments = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    missing = [name for name in arguments if not re.search(rf"\b{name}\b", PAGE)]
    assert not missing
