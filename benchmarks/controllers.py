"""Controllers against random search where the best rule is known, and what proposing and observing cost.

The reward is the share of a rule's ten tokens that are PowerSign's, with Gaussian noise, over the paper's primitive set
in two groups: it says whether a controller learns, not how well it finds optimizers.

    python -m benchmarks.controllers [--seeds 10] [--budget 300] [--only ppo random]
"""

from __future__ import annotations

import argparse
import statistics
import time

import torch

from engine.config import SearchConfig
from engine.registry import CONTROLLERS, PRIMITIVE_SETS
from engine.search import OptimizerSearch, ProposedRound

POWERSIGN = ("g", "m", "sign", "sign", "*", "#1", "g", "exp", "x", "*")
NOISE = 0.02
LAST = 50


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--budget", type=int, default=300)
    parser.add_argument("--only", nargs="+", choices=list(CONTROLLERS), default=list(CONTROLLERS))
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(f"{options.seeds} seeds, {options.budget} candidates; share of PowerSign's tokens, mean ± sd over seeds")
    print(f"{'controller':<14}{'last 50':>16}{'best':>16}{'ms a round':>12}{'state, kB':>11}")
    for name in options.only:
        print(_row(name, options.seeds, options.budget), flush=True)


def _row(name: str, seeds: int, budget: int) -> str:
    started = time.perf_counter()
    searches = [OptimizerSearch(_config(name, seed, budget)) for seed in range(seeds)]
    rewards = [_play(search) for search in searches]
    rounds = sum(search.rounds_observed for search in searches)
    milliseconds = 1000 * (time.perf_counter() - started) / rounds
    last = _mean_and_sd([statistics.mean(run[-LAST:]) for run in rewards])
    best = _mean_and_sd([max(run) for run in rewards])
    return f"{name:<14}{last:>16}{best:>16}{milliseconds:>12.1f}{len(searches[0].save()) / 1000:>11.0f}"


def _config(name: str, seed: int, budget: int) -> SearchConfig:
    preset = PRIMITIVE_SETS["paper"]
    primitives = {"operands": preset.operands, "unary": preset.unary, "binary": preset.binary}
    return SearchConfig.model_validate(
        {"primitives": primitives, "controller": {"name": name}, "seed": seed, "budget": budget}
    )


def _play(search: OptimizerSearch) -> list[float]:
    """The rewards without their noise, in the order of the candidates."""
    noise = torch.Generator().manual_seed(search.config.seed)
    waiting: list[ProposedRound] = []
    shares: list[float] = []
    while not search.is_finished:
        while (proposed := search.propose(lambda fingerprints: {})) is not None:
            waiting.append(proposed)
        oldest = waiting.pop(0)
        observed = [_share(candidate.tokens) for candidate in oldest.candidates]
        shares += observed
        noisy = torch.tensor(observed) + NOISE * torch.randn(len(observed), generator=noise)
        search.observe(oldest.number, noisy.tolist())
    return shares


def _share(tokens: tuple[str, ...]) -> float:
    return sum(a == b for a, b in zip(tokens, POWERSIGN, strict=True)) / len(POWERSIGN)


def _mean_and_sd(values: list[float]) -> str:
    spread = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{statistics.mean(values):.3f} ± {spread:.3f}"


if __name__ == "__main__":
    main()
