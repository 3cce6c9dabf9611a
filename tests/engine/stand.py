"""A trainer to test with, and what two searches are compared by."""

import random
import time
from collections.abc import Callable
from typing import Any

from engine.children.messages import ChildJob
from engine.children.results import ChildResult
from engine.errors import ChildStopped
from engine.language import Rule
from engine.local import SearchReport


class Stand:
    """A trainer that takes a moment and rewards short rules; a rule that holds `fails` makes it raise."""

    trained: list[str]

    def __init__(self, trained: list[str], fails: dict[str, Exception] | None = None, delay: float = 0.0) -> None:
        self.trained, self.fails, self.delay = trained, fails or {}, delay

    def train(self, job: ChildJob, on_event: Any = None, should_stop: Callable[[], bool] | None = None) -> ChildResult:
        time.sleep(random.random() * self.delay)
        if should_stop and should_stop():
            raise ChildStopped("stopped")
        rule = Rule.parse(job.rule) if isinstance(job.rule, str) else job.rule
        for part, error in self.fails.items():
            if part in rule.text:
                raise error
        self.trained.append(rule.text)
        return ChildResult(1 / (1 + rule.complexity), "trained", "Short.", 0.1, (), 0.01)

    def close(self) -> None:
        pass


def rules_and_rewards(report: SearchReport) -> list[tuple[tuple[str, ...], float | None]]:
    return [(c.proposed.tokens, c.reward) for c in report.candidates]
