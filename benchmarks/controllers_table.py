"""Trains every distinct rule of a small space on digits, so that controllers can search among real rewards in no time.

python -m benchmarks.controllers_table        # writes benchmarks/data/digits_table.json, about 7 minutes on one core
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import torch

from engine.children.training import train_child
from engine.config import ChildConfig
from engine.language import Rule, Space
from engine.registry import protocol

FILE = Path(__file__).parent / "data" / "digits_table.json"
OPERANDS, UNARY, BINARY, GROUPS = ("g", "sign(g)", "sign(m)"), ("x", "-x", "exp"), ("*", "left"), 2
SEEDS = (0, 1)
HARDWARE = "One of 2 shared cores, Intel Xeon, Sapphire Rapids, torch 2.13 CPU"


def space() -> Space:
    return Space(OPERANDS, UNARY, BINARY, GROUPS)


def strings(of: Space) -> Iterator[tuple[str, ...]]:
    """Every token string of the space."""
    return itertools.product(*(of.choices(slot) for slot in range(len(of.slots))))


@cache
def rewards_by_fingerprint() -> dict[str, float]:
    """The mean reward over the table's seeds of each distinct rule of the space."""
    stored: dict[str, list[float]] = json.loads(FILE.read_text())["rules"]
    return {Rule.parse(text).fingerprint: sum(rewards) / len(rewards) for text, rewards in stored.items()}


def main() -> None:
    torch.set_num_threads(1)
    started = time.perf_counter()
    rules = {rule.fingerprint: rule for rule in (Rule.from_tokens(row).canonical for row in strings(space()))}
    child = ChildConfig(protocol=protocol("quick"))
    rewards: dict[str, list[float]] = {}
    for number, text in enumerate(sorted(rule.text for rule in rules.values()), 1):
        rewards[text] = [train_child(Rule.parse(text), child, seed, device="cpu").reward for seed in SEEDS]
        if number % 50 == 0:
            print(f"{number} of {len(rules)} rules, {time.perf_counter() - started:.0f} s", flush=True)
    _write(child, rewards, time.perf_counter() - started)


def _write(child: ChildConfig, rewards: dict[str, list[float]], seconds: float) -> None:
    head = {
        "command": "python -m benchmarks.controllers_table",
        "hardware": HARDWARE,
        "seconds": round(seconds),
        "space": {"operands": OPERANDS, "unary": UNARY, "binary": BINARY, "groups": GROUPS},
        "child": child.model_dump(mode="json"),
        "seeds": SEEDS,
    }
    lines = [f"{json.dumps(text)}: {json.dumps(values)}" for text, values in rewards.items()]
    body = json.dumps(head, indent=1)[:-2] + ',\n "rules": {\n  ' + ",\n  ".join(lines) + "\n }\n}\n"
    FILE.write_text(body)


if __name__ == "__main__":
    main()
