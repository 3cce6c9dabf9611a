"""Seconds a step of rules and of torch's own optimizers, on one model of 25 million weights, in one run.

    python benchmarks/optimizer_step.py [--threads 2] [--device cpu] [--steps 11]

Prints the median, the fastest and the slowest step of each, and its ratio to torch's Adam. The optimizers take turns at
each step, so that a machine whose speed drifts slows all of them alike.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import torch
from torch import nn

from engine.export import export_rule
from engine.optim import RuleOptimizer
from engine.presets import named_rule

RULES = ("powersign", "addsign", "powersign-cd", "adam", "sgd")


def weights(device: str) -> list[nn.Parameter]:
    tensors = [nn.Parameter(torch.randn(1000, 1000, device=device)) for _ in range(25)]
    for tensor in tensors:
        tensor.grad = torch.randn_like(tensor)
    return tensors


def from_file(rule: str, device: str) -> torch.optim.Optimizer:
    namespace: dict[str, type[torch.optim.Optimizer]] = {}
    exec(compile(export_rule(named_rule(rule)), "optimizer.py", "exec"), namespace)
    settings = {"total_steps": 1000} if named_rule(rule).needs_total_steps else {}
    return namespace["DiscoveredOptimizer"](weights(device), lr=1e-3, **settings)


def optimizers(device: str) -> dict[str, torch.optim.Optimizer]:
    found: dict[str, torch.optim.Optimizer] = {
        "torch Adam": torch.optim.Adam(weights(device)),
        "torch Adam, foreach": torch.optim.Adam(weights(device), foreach=True),
        "torch Adam, fused": torch.optim.Adam(weights(device), fused=True),
        "torch SGD": torch.optim.SGD(weights(device), lr=1e-3),
        "torch SGD, foreach": torch.optim.SGD(weights(device), lr=1e-3, foreach=True),
    }
    for rule in RULES:
        found[f"{rule}, RuleOptimizer"] = RuleOptimizer(weights(device), named_rule(rule), lr=1e-3, total_steps=1000)
        found[f"{rule}, exported file"] = from_file(rule, device)
    return found


def seconds(step: Callable[[], object], device: str) -> float:
    started = time.perf_counter()
    step()
    if device.startswith("cuda"):
        torch.cuda.synchronize()
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--steps", type=int, default=11)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(0)
    compared = optimizers(chosen.device)
    times: dict[str, list[float]] = {name: [] for name in compared}
    for step in range(chosen.steps + 1):
        for name, optimizer in compared.items():
            taken = seconds(optimizer.step, chosen.device)
            if step:  # The first step makes the state.
                times[name].append(1000 * taken)
    adam = statistics.median(times["torch Adam"])
    print(f"{'optimizer':32} {'median ms':>10} {'fastest':>8} {'slowest':>8} {'of Adam':>8}")
    for name, taken_ms in times.items():
        median = statistics.median(taken_ms)
        print(f"{name:32} {median:10.1f} {min(taken_ms):8.1f} {max(taken_ms):8.1f} {median / adam:8.2f}")


if __name__ == "__main__":
    main()
