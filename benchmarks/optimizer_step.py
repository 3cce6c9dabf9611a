"""Seconds a step of rules and of torch's own optimizers: the same parameters and gradients, in one run.

    python benchmarks/optimizer_step.py [--threads 1] [--device cpu] [--steps 21] [--case large] [--case small]

Cases: `large`, 25 million weights in 25 tensors; `small`, 200 tensors of 1,000. The optimizers take turns at each step,
in an order that changes, so that a machine whose speed drifts, or which others use too, slows all of them alike; the
median is what to compare. The spread is the range from the first to the third quartile.
"""

from __future__ import annotations

import argparse
import platform
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from engine.export import export_rule
from engine.optim import RuleOptimizer
from engine.presets import named_rule

RULES = ("powersign", "powersign-cd", "addsign", "addsign-cd", "adam", "lion", "sgd")
CASES = {"large": (25, (1000, 1000)), "small": (200, (1000,))}
ADAM, ADAM_FOREACH = "torch Adam", "torch Adam, foreach"


def weights(case: str, device: str) -> list[nn.Parameter]:
    count, shape = CASES[case]
    tensors = [nn.Parameter(torch.randn(shape, device=device)) for _ in range(count)]
    for tensor in tensors:
        tensor.grad = torch.randn_like(tensor)
    return tensors


def from_file(rule: str, tensors: list[nn.Parameter]) -> torch.optim.Optimizer:
    namespace: dict[str, type[torch.optim.Optimizer]] = {}
    exec(compile(export_rule(named_rule(rule)), "optimizer.py", "exec"), namespace)
    return namespace["DiscoveredOptimizer"](tensors, lr=1e-4, total_steps=10_000)


def optimizers(make: Callable[[], list[nn.Parameter]]) -> dict[str, torch.optim.Optimizer]:
    found: dict[str, torch.optim.Optimizer] = {
        ADAM: torch.optim.Adam(make(), lr=1e-4),
        ADAM_FOREACH: torch.optim.Adam(make(), lr=1e-4, foreach=True),
        "torch Adam, fused": torch.optim.Adam(make(), lr=1e-4, fused=True),
        "torch SGD": torch.optim.SGD(make(), lr=1e-4),
        "torch SGD, foreach": torch.optim.SGD(make(), lr=1e-4, foreach=True),
        "torch SGD, fused": torch.optim.SGD(make(), lr=1e-4, fused=True),
    }
    for rule in RULES:
        found[f"{rule}, file"] = from_file(rule, make())
    for foreach in (None, False):
        name = "powersign, RuleOptimizer" + ("" if foreach is None else ", one by one")
        found[name] = RuleOptimizer(make(), named_rule("powersign"), lr=1e-4, foreach=foreach)
    return found


def seconds(step: Callable[[], object], device: str) -> float:
    started = time.perf_counter()
    step()
    if device.startswith("cuda"):
        torch.cuda.synchronize()
    return time.perf_counter() - started


def measure(compared: dict[str, torch.optim.Optimizer], steps: int, device: str) -> dict[str, list[float]]:
    """Milliseconds of each step; the first two, which make the state, are not counted."""
    times: dict[str, list[float]] = {name: [] for name in compared}
    order, shuffle = list(compared), random.Random(0)
    for step in range(steps + 2):
        shuffle.shuffle(order)
        for name in order:
            taken = 1000 * seconds(compared[name].step, device)
            if step >= 2:
                times[name].append(taken)
    return times


def hardware(device: str) -> str:
    if device.startswith("cuda"):
        return torch.cuda.get_device_name(device)
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if "model name" in line
    ]
    return f"{names[0] if names else platform.processor()}, {torch.get_num_threads()} threads"


def report(case: str, times: dict[str, list[float]], device: str) -> None:
    count, shape = CASES[case]
    steps = len(times[ADAM])
    print(f"\n{case}: {count} tensors of {'x'.join(map(str, shape))}, float32; n = {steps} steps; {hardware(device)}; ")
    print(f"torch {torch.__version__}; load average {Path('/proc/loadavg').read_text().split()[0]}")
    adam, foreach = (statistics.median(times[name]) for name in (ADAM, ADAM_FOREACH))
    print(f"{'optimizer':38} {'median ms':>10} {'spread ms':>17} {'fastest':>8} {'of Adam':>8} {'of foreach':>10}")
    for name, taken in times.items():
        median, (low, _, high) = statistics.median(taken), statistics.quantiles(taken)
        spread = f"{low:.2f} to {high:.2f}"
        print(f"{name:38} {median:10.2f} {spread:>17} {min(taken):8.2f} {median / adam:8.2f} {median / foreach:10.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--steps", type=int, default=21)
    parser.add_argument("--case", choices=CASES, action="append")
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(0)
    for case in chosen.case or CASES:
        compared = optimizers(lambda case=case: weights(case, chosen.device))
        steps = chosen.steps * (10 if case == "small" else 1)
        report(case, measure(compared, steps, chosen.device), chosen.device)


if __name__ == "__main__":
    main()
