"""A trainer of somebody's own model, in this process: the paper's protocol (Bello et al. 2017, section 5)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch

from engine.children.messages import ChildJob
from engine.children.protocol import RunPlan, choose_learning_rate, diverged_everywhere
from engine.children.results import ChildResult, RunRecord
from engine.children.stopping import StopCheck
from engine.language import Rule
from engine.local.own.run import OwnChild, train_run
from engine.local.own.task import OwnTask

NO_FLOOR = float("-inf")


class OwnTrainer:
    """Trains one child after the other; of a job it takes rule, seed, learning rates and epochs.

    Args:
        sweep_steps: batches that each learning rate is tried on; at most one epoch.
        floor: score below which a child is dropped after its first epoch; None drops none.
        worst: reward of a child that diverged.
    """

    def __init__(self, task: OwnTask, sweep_steps: int, floor: float | None, worst: float) -> None:
        self.task, self.worst = task, worst
        self.sweep_steps = min(sweep_steps, task.steps)
        self.floor = NO_FLOOR if floor is None else floor

    def train(
        self,
        job: ChildJob,
        on_event: Callable[[dict[str, Any]], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> ChildResult:
        """
        Raises:
            ChildError: the user's own code raised something while the weights were finite.
            ChildStopped: ``should_stop`` said so.
        """
        started = time.perf_counter()
        torch.set_flush_denormal(True)  # As train_child does; it holds for this thread alone.
        rule = Rule.parse(job.rule) if isinstance(job.rule, str) else job.rule
        child = OwnChild(self.task, rule, job.seed, StopCheck(should_stop))
        protocol = job.child.protocol
        plan = RunPlan(self.sweep_steps, 1, share=self.sweep_steps / self.task.steps, floor=NO_FLOOR)
        sweep = [train_run(child, "sweep", rate, plan) for rate in protocol.learning_rates]
        chosen = choose_learning_rate(sweep)
        if chosen is None:
            return replace(diverged_everywhere(sweep, time.perf_counter() - started), reward=self.worst)
        final = train_run(child, "final", chosen, RunPlan(self.task.steps, protocol.epochs, floor=self.floor))
        reward = self.worst if final.outcome == "diverged" else final.validation_accuracy
        seconds = time.perf_counter() - started
        return ChildResult(reward, final.outcome, _reason(sweep, final), chosen, (*sweep, final), seconds)

    def close(self) -> None:
        pass


def _reason(sweep: Sequence[RunRecord], final: RunRecord) -> str:
    diverged = sum(run.outcome == "diverged" for run in sweep)
    lost = f"; {diverged} diverged" if diverged else ""
    return f"Learning rate {final.learning_rate:g} was the best of {len(sweep)} in the sweep{lost}. {final.reason}"
