"""A rule on a larger network (Bello et al. 2017, section 5): every learning rate in full, in the paper's four columns.

Unlike a child, a transfer has no sweep, drops nothing and has one seed: each learning rate trains all epochs of all
examples, and the test accuracy is noted beside the validation accuracy. The learning rate is chosen by the final
validation accuracy. The test split chooses nothing: `choose` is not even given it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from engine.children import protocol
from engine.children.protocol import RunPlan, diverged_reason, trained_reason
from engine.children.results import ChildResult, EpochPoint, Outcome, RunRecord
from engine.children.run import Child, Diverged, accuracy, train_epochs
from engine.children.training import OnEvent, prepare_child
from engine.config import ChildConfig
from engine.language import Rule

COLUMNS = ("final_validation", "final_test", "best_validation", "test_at_best_validation")


@dataclass(frozen=True, slots=True)
class FullRun:
    """A run at one learning rate with the test accuracy (fraction in [0, 1]) after each of its epochs."""

    run: RunRecord
    test_accuracies: tuple[float, ...]

    def to_dict(self) -> dict[str, Any]:
        points = zip(self.run.curve, self.test_accuracies, strict=True)
        return {
            "learning_rate": self.run.learning_rate,
            "outcome": self.run.outcome,
            "reason": self.run.reason,
            "curve": [{**asdict(point), "test_accuracy": test} for point, test in points],
        }


def train_transfer(
    rule: Rule,
    child: ChildConfig,
    seed: int,
    on_event: OnEvent | None = None,
    should_stop: Callable[[], bool] | None = None,
    device: str = "auto",
) -> ChildResult:
    """Trains `child` with a rule at each learning rate of its protocol; arguments and errors as of ``train_child``.

    Returns:
        a ChildResult whose reward is the final validation accuracy at the chosen learning rate, with
        ``extra = {"columns": {name: accuracy, or None where every rate diverged}, "rates": [{"learning_rate",
        "outcome", "reason", "curve": [{"epoch", "train_loss", "validation_accuracy", "test_accuracy"}, …]}, …]}``.
    """
    started = time.perf_counter()
    prepared = prepare_child(rule, child, seed, on_event, should_stop, device)
    plan = full_plan(child, prepared.train_examples)
    full = [_train(prepared, rate, plan) for rate in child.protocol.learning_rates]
    runs = [entry.run for entry in full]
    chosen = choose(runs)
    seconds = time.perf_counter() - started
    rates = [entry.to_dict() for entry in full]
    if chosen is None:
        failed = protocol.diverged_everywhere(runs, seconds)
        extra = {"columns": dict.fromkeys(COLUMNS), "rates": rates}
        return ChildResult(0.0, "diverged", failed.reason, None, tuple(runs), seconds, extra)
    best = full[chosen]
    extra = {"columns": columns(best), "rates": rates}
    reward, rate = best.run.validation_accuracy, best.run.learning_rate
    return ChildResult(reward, "trained", _reason(runs, best.run), rate, tuple(runs), seconds, extra)


def full_plan(child: ChildConfig, train_examples: int) -> RunPlan:
    """The final training's plan without its floor: a transfer drops no run."""
    plan = protocol.final_plan(child.protocol, train_examples)
    return RunPlan(plan.steps, plan.epochs)


def choose(runs: Sequence[RunRecord]) -> int | None:
    """Which run has the best final validation accuracy; ties as in a sweep. None: all diverged."""
    rate = protocol.choose_learning_rate(runs)
    return None if rate is None else next(i for i, run in enumerate(runs) if run.learning_rate == rate)


def columns(full: FullRun) -> dict[str, float]:
    """The paper's four; of epochs with equally good validation accuracy the first is the best."""
    validation = [point.validation_accuracy for point in full.run.curve]
    best = max(range(len(validation)), key=validation.__getitem__)
    values = (validation[-1], full.test_accuracies[-1], validation[best], full.test_accuracies[best])
    return dict(zip(COLUMNS, values, strict=True))


def _train(child: Child, learning_rate: float, plan: RunPlan) -> FullRun:
    """All epochs from fresh weights."""
    started = time.perf_counter()
    curve: list[EpochPoint] = []
    tests: list[float] = []
    outcome: Outcome = "trained"
    try:
        for epoch, loss in enumerate(train_epochs(child, learning_rate, plan), start=1):
            curve.append(EpochPoint(epoch, loss, accuracy(child, "validation")))
            tests.append(accuracy(child, "test"))
            child.on_event({"event": "epoch", "stage": "final", "learning_rate": learning_rate, **asdict(curve[-1])})
        reason = trained_reason(curve[-1].validation_accuracy, plan)
    except Diverged as error:
        outcome, reason = "diverged", diverged_reason(error.step, error.what, plan)
    run = RunRecord("final", learning_rate, outcome, reason, time.perf_counter() - started, tuple(curve))
    return FullRun(run, tuple(tests))


def _reason(runs: Sequence[RunRecord], best: RunRecord) -> str:
    diverged = sum(run.outcome == "diverged" for run in runs)
    lost = f"; {diverged} diverged" if diverged else ""
    if len(runs) == 1:
        return f"Learning rate {best.learning_rate:g}: {best.reason}"
    return f"Learning rate {best.learning_rate:g} was the best of {len(runs)}{lost}. {best.reason}"
