"""The benchmark's Markdown tables."""

from __future__ import annotations

import math
import statistics

from benchmarks.controllers_runs import LAST, PARTS, Run
from benchmarks.controllers_table import HARDWARE, rewards_by_fingerprint

HEADS = (
    "controller",
    f"mean of the last {LAST}",
    "over random",
    "best",
    "over random",
    "candidates to the goal",
    "under random",
    "reached",
    "duplicates",
    "ms a round",
    "state, kB",
)


def title(part: str, seeds: int, budget: int) -> str:
    goal = PARTS[part].goal()
    what = {
        "synthetic": f"Share of PowerSign's tokens, paper's set, 2 groups; goal: {goal:.2f}",
        "digits": f"Children trained on digits, a table of {len(rewards_by_fingerprint())} rules; "
        f"goal: the top 1 %, {goal:.4f}",
    }[part]
    lines = [
        f"\n### {what}",
        f"{budget} candidates, n = {seeds} seeds, mean ± standard deviation; differences to random ± their standard "
        f"error. {HARDWARE}.\n",
        "| " + " | ".join(HEADS) + " |",
        "|---" * len(HEADS) + "|",
    ]
    return "\n".join(lines)


def row(name: str, runs: list[Run], chance: list[Run]) -> str:
    cells = [name]
    for key, digits, sign in (("last", 3, 1), ("best", 4, 1), ("needed", 0, -1)):
        ours, theirs = ([float(getattr(run, key)) for run in group] for group in (runs, chance))
        cells += [spread(ours, digits), "" if runs is chance else difference(ours, theirs, digits, sign)]
    cells.append(f"{sum(run.reached for run in runs)} of {len(runs)}")
    cells.append(spread([float(run.duplicates) for run in runs], 0))
    cells.append(f"{1000 * statistics.mean(run.round_seconds for run in runs):.0f}")
    cells.append(f"{runs[0].state_bytes / 1000:.0f}")
    return "| " + " | ".join(cells) + " |"


def spread(values: list[float], digits: int) -> str:
    return f"{statistics.mean(values):.{digits}f} ± {deviation(values):.{digits}f}"


def difference(ours: list[float], theirs: list[float], digits: int, sign: int) -> str:
    """Mean difference of two independent samples and its standard error; positive is better."""
    gain = sign * (statistics.mean(ours) - statistics.mean(theirs))
    error = math.sqrt(deviation(ours) ** 2 / len(ours) + deviation(theirs) ** 2 / len(theirs))
    return f"{gain:+.{digits}f} ± {error:.{digits}f}"


def deviation(values: list[float]) -> float:
    return statistics.stdev(values) if len(values) > 1 else 0.0
