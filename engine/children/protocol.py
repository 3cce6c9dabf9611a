"""The decisions of the paper's protocol, from numbers alone: which learning rate, dropped or not, and why. No torch.

Bello et al. 2017, section 5: learning rates 10⁻⁵ … 10, each tried for one epoch of 10,000 training examples; the best
then trains five epochs; a child far below par after its first epoch is dropped; the reward is the last accuracy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, stdev

from engine.children.results import ChildResult, Outcome, RunRecord
from engine.registry import Protocol

OUTCOMES: tuple[Outcome, ...] = ("trained", "dropped", "diverged")  # from the best to the worst
DIVERGED = "Diverged: "


@dataclass(frozen=True, slots=True)
class RunPlan:
    """How long a run is.

    Attributes:
        steps: minibatches of one epoch.
        epochs: passes.
        share: the part of the training examples that one pass sees; 1 except in a sweep.
        floor: accuracy after the first epoch below which the run is dropped.
    """

    steps: int
    epochs: int
    share: float = 1.0
    floor: float = 0.0

    @property
    def total_steps(self) -> int:
        """T of the decays: they run over the run at hand, so a sweep sees its whole decay too."""
        return self.steps * self.epochs


def sweep_plan(protocol: Protocol, train_examples: int) -> RunPlan:
    """One pass over `sweep_examples` examples, or over all where there are fewer."""
    examples = min(protocol.sweep_examples, train_examples)
    return RunPlan(_steps(examples, protocol.batch_size), 1, share=examples / train_examples)


def final_plan(protocol: Protocol, train_examples: int) -> RunPlan:
    steps = _steps(train_examples, protocol.batch_size)
    return RunPlan(steps, protocol.epochs, floor=protocol.first_epoch_floor)


def _steps(examples: int, batch_size: int) -> int:
    """Whole minibatches only: a last one of a few examples would upset batch norm. At least one."""
    return max(1, examples // batch_size)


def choose_learning_rate(sweep: Sequence[RunRecord]) -> float | None:
    """The one with the highest accuracy; of equals the lower loss, then the smaller rate. None: all diverged."""
    alive = [run for run in sweep if run.outcome == "trained"]
    if not alive:
        return None
    best = min(alive, key=lambda run: (-run.validation_accuracy, run.curve[-1].train_loss, run.learning_rate))
    return best.learning_rate


def diverged_everywhere(sweep: Sequence[RunRecord], seconds: float) -> ChildResult:
    smallest = sweep[0]
    where = f"all {len(sweep)} learning rates, at" if len(sweep) > 1 else "learning rate"
    reason = f"Diverged at {where} {smallest.learning_rate:g} {smallest.reason.removeprefix(DIVERGED)}"
    return ChildResult(0.0, "diverged", reason, None, tuple(sweep), seconds)


def judge(sweep: Sequence[RunRecord], finals: Sequence[RunRecord], seconds: float) -> ChildResult:
    """The result of a child whose final trainings, one for each seed, ended in whichever way.

    The outcome is the best of the finals': a child counts as trained when it trained with at least one seed.
    """
    outcome: Outcome = min((run.outcome for run in finals), key=OUTCOMES.index)
    told = finals[0].reason if len(finals) == 1 else _seeds_reason(finals)
    reason = f"{_choice_text(sweep, finals[0].learning_rate)} {told}"
    reward = mean([_counted(run) for run in finals])
    return ChildResult(reward, outcome, reason, finals[0].learning_rate, (*sweep, *finals), seconds)


def _counted(final: RunRecord) -> float:
    """What a final training counts: its last accuracy; nothing where it diverged, although it once was good."""
    return 0.0 if final.outcome == "diverged" else final.validation_accuracy


def _seeds_reason(finals: Sequence[RunRecord]) -> str:
    counted = [_counted(run) for run in finals]
    each = ", ".join(f"{value:.3f}" for value in counted)
    lost = [f"{sum(run.outcome == outcome for run in finals)} {outcome}" for outcome in ("diverged", "dropped")]
    ended = "".join(f"; {text}" for text in lost if not text.startswith("0 "))
    return (
        f"Mean validation accuracy {mean(counted):.3f} over {len(finals)} seeds, "
        f"standard deviation {stdev(counted):.3f} ({each}){ended}."
    )


def _choice_text(sweep: Sequence[RunRecord], chosen: float) -> str:
    accuracy = next(run.validation_accuracy for run in sweep if run.learning_rate == chosen)
    diverged = sum(run.outcome == "diverged" for run in sweep)
    lost = f"; {diverged} diverged" if diverged else ""
    if len(sweep) == 1:
        return f"Learning rate {chosen:g} reached accuracy {accuracy:.3f} in the sweep."
    return f"Learning rate {chosen:g} was the best of {len(sweep)}, with accuracy {accuracy:.3f} in the sweep{lost}."


def trained_reason(accuracy: float, plan: RunPlan) -> str:
    epochs = "1 epoch" if plan.epochs == 1 else f"{plan.epochs} epochs"
    passed = epochs if plan.share == 1 else f"{plan.steps} steps of the sweep"
    return f"Validation accuracy {accuracy:.3f} after {passed}."


def diverged_reason(step: int, what: str, plan: RunPlan) -> str:
    """``what`` is a phrase such as “the loss was NaN”."""
    return f"{DIVERGED}by step {step} of {plan.total_steps} {what}."


def dropped_reason(accuracy: float, plan: RunPlan) -> str:
    return f"Dropped: accuracy {accuracy:.3f} after the first epoch is below the protocol's floor of {plan.floor:.2f}."
