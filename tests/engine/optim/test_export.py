"""The optimizer file computes what the interpreter computes, step for step and bit for bit."""

import ast
import copy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from torch import nn

from engine.errors import SettingsError
from engine.export import export_rule, file_name
from engine.language import Rule
from engine.optim import RuleOptimizer
from engine.optim.parts import PART
from tests.engine.optim.files import EVERY_RULE, load
from tests.engine.strategies import rules

RULES = [
    "exp(sign(g) * sign(m)) * g",
    "(1 + ld * sign(g) * sign(m)) * g",
    "drop(m, 0.3) * exp(w(1e-3)) + noise",
    "a = drop(g, 0.5); a * a * drop(g, 0.5) + anneal * rd(2)",
    "m(0.5) * adam + clip(rmsprop, 1e-5) - gamma / (v + 1)",
]


ROOT = Path(__file__).parents[3]
LINTED = ["exp(cd * sign(g) * sign(m)) * g", "drop(m, 0.3) * lion + noise", "2 / adam + 3^v * rd", "ld", "lion"]
# mypy reads torch once in 40 s; what it has read lasts from run to run.
MYPY_CACHE = ROOT / ".mypy_cache" / "optimizer_files"


def same_steps(rule: Rule, dtype: torch.dtype, sizes: tuple[int, int] = (3, 5)) -> None:
    optimizer_class = load(export_rule(rule)).DiscoveredOptimizer
    ours = [nn.Parameter(torch.linspace(-1, 1, n, dtype=dtype)) for n in sizes]
    theirs = copy.deepcopy(ours)
    groups: list[dict[str, Any]] = [{"params": [0]}, {"params": [1], "lr": 0.02}]

    def pick(tensors: list[nn.Parameter]) -> list[dict[str, Any]]:
        return [{**group, "params": [tensors[place] for place in group["params"]]} for group in groups]

    interpreted = RuleOptimizer(pick(ours), rule, lr=0.01, total_steps=10, foreach=False)
    from_file = optimizer_class(pick(theirs), lr=0.01, total_steps=10)
    generator = torch.Generator().manual_seed(1)
    for _ in range(12):
        for mine, other in zip(ours, theirs, strict=True):
            mine.grad = torch.randn(mine.shape, dtype=dtype, generator=generator)
            other.grad = mine.grad.clone()
        interpreted.step()
        from_file.step()
    for mine, other in zip(ours, theirs, strict=True):
        assert torch.equal(mine.nan_to_num(nan=7.0), other.nan_to_num(nan=7.0))


@pytest.mark.parametrize("text", RULES)
def test_the_file_is_the_interpreter_on_large_tensors_too(text: str) -> None:
    same_steps(Rule.parse(text), torch.float32, sizes=(2 * PART + 5, 7))


@settings(max_examples=150)
@given(rules())
def test_the_file_of_any_rule_is_the_interpreter(rule: Rule) -> None:
    same_steps(rule.canonical, torch.float32)


def test_the_file_trains_a_network_where_only_torch_can_be_imported(tmp_path: Path) -> None:
    (tmp_path / "found.py").write_text(export_rule(Rule.parse(RULES[0]), learning_rate=0.1), encoding="utf-8")
    (tmp_path / "train.py").write_text(
        "import sys, torch\n"
        "from found import DiscoveredOptimizer\n"
        "assert not any(n.split('.')[0] in ('engine', 'django', 'searchapp') for n in sys.modules)\n"
        "torch.manual_seed(0)\n"
        "x = torch.randn(256, 4); y = (x.sum(1) > 0).long()\n"
        "model = torch.nn.Linear(4, 2)\n"
        "optimizer = DiscoveredOptimizer(model.parameters())\n"
        "for _ in range(100):\n"
        "    optimizer.zero_grad()\n"
        "    loss = torch.nn.functional.cross_entropy(model(x), y)\n"
        "    loss.backward(); optimizer.step()\n"
        "accuracy = (model(x).argmax(1) == y).float().mean().item()\n"
        "assert accuracy > 0.9, accuracy\n"
        "print('trained')\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-P", "train.py"], cwd=tmp_path, capture_output=True, text=True,
        env={"PYTHONPATH": str(tmp_path), "OMP_NUM_THREADS": "1", "PATH": ""}, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == "trained", done.stderr


def test_what_a_user_typed_stands_in_comments_only() -> None:
    evil = 'x"""\nimport os; os.abort()\n#\r\x0bimport os\u2028import os\x85'
    source = export_rule(Rule.parse("g"), origin={"Search": evil, evil: "value"})
    comments = [line for line in source.splitlines() if "import os" in line]
    assert len(comments) == 2
    assert all(line.startswith("#") for line in comments)
    assert load(source).DiscoveredOptimizer


def test_the_file_says_what_it_is_and_how_to_use_it() -> None:
    source = export_rule(Rule.parse("g * cd"), learning_rate=0.3, origin={"Reward": "0.97"})
    for part in ("g * cd", "LaTeX", "Reward: 0.97", "total_steps=1000", "lr: float | Tensor = 0.3"):
        assert part in source
    with pytest.raises(ValueError, match="total_steps"):
        load(source).DiscoveredOptimizer([nn.Parameter(torch.ones(1))])


@pytest.mark.parametrize("name", ["", "1st", "class", "a b", "x;import os", "é"])
def test_a_class_name_that_is_no_identifier_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="class"):
        export_rule(Rule.parse("g"), class_name=name)


def test_the_file_name_is_the_rules_own() -> None:
    assert file_name(Rule.parse("g*m")) == file_name(Rule.parse("m*g")) == file_name(Rule.parse("m * g"))
    assert file_name(Rule.parse("g")).startswith("optimizer_")


@pytest.mark.parametrize("name", ["torch", "Tensor", "parts", "super", "refuse"])
def test_a_class_name_that_the_file_needs_itself_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="meaning"):
        export_rule(Rule.parse("g"), class_name=name)


def test_linters_accept_every_file_and_it_imports_torch_and_three_of_python_only(tmp_path: Path) -> None:
    for place, text in enumerate(EVERY_RULE):
        source = export_rule(Rule.parse(text), class_name="Found", learning_rate=0.1, origin={"search": "one"})
        imported = {name for node in ast.walk(ast.parse(source)) for name in _imported(node)}
        assert {"torch"} <= imported <= {"torch", "math", "typing", "collections", "__future__"}
        (tmp_path / f"found{place}.py").write_text(source, encoding="utf-8")
    settings = ["--config", str(ROOT / "pyproject.toml"), "--no-cache", "."]
    for command in (["check"], ["format", "--check"]):
        arguments = [sys.executable, "-m", "ruff", *command, *settings]
        done = subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    return [str(node.module).partition(".")[0]] if isinstance(node, ast.ImportFrom) else []


def _line_with(text: str, source: str) -> str:
    return next(line for line in source.splitlines() if text in line)


def test_mypy_accepts_files_with_lists_with_draws_and_with_decays(tmp_path: Path) -> None:
    for place, text in enumerate(LINTED):
        (tmp_path / f"found{place}.py").write_text(export_rule(Rule.parse(text)), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir", str(MYPY_CACHE), "."],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_long_rules_are_written_in_parts_and_their_comments_broken() -> None:
    long = (
        "2 / adam + 3^v * rd - exp(cd * sign(g) * sign(m)) * g / adam(0.5, 0.9) + sqrt(g) * log(m(0.1)) - clip(g, 0.5)"
    )
    source = export_rule(Rule.parse(long))
    assert "part_1 = " in source
    assert len(_line_with("update: ", source)) <= 120
    assert all(len(line) <= 120 for line in source.splitlines() if not line.startswith("#"))
    same_steps(Rule.parse(long), torch.float64)
