"""What a person in a terminal sees while a search runs, and at its end."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from engine.config import SearchConfig
from engine.local import CandidateDone, LocalEvent, RoundObserved, SearchReport


class View:
    """A progress bar where there is a terminal, a line for each new best everywhere."""

    def __init__(self, console: Console, config: SearchConfig) -> None:
        self.console = console
        columns: list[Any] = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()]
        columns += [TextColumn("best {task.fields[best]}"), TextColumn("{task.fields[policy]}", style="dim")]
        columns += [TimeElapsedColumn(), TimeRemainingColumn()]
        self.progress = Progress(*columns, console=console, disable=not console.is_terminal, transient=True)
        self.bar = self.progress.add_task("candidates", total=config.budget, best="–", policy="")

    def __enter__(self) -> Self:
        self.progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.progress.stop()

    def show(self, event: LocalEvent) -> None:
        if isinstance(event, RoundObserved):
            entropy = event.metrics.get("entropy")
            self.progress.update(self.bar, policy="" if entropy is None else f"entropy {entropy:.2f}")
            return
        self.progress.advance(self.bar)
        if event.is_best:
            self._show_best(event)

    def _show_best(self, event: CandidateDone) -> None:
        candidate = event.candidate
        self.progress.update(self.bar, best=f"{candidate.reward:.4f}")
        self.console.print(
            f"candidate {candidate.proposed.index:>4}  {candidate.reward:.4f}  {candidate.proposed.text}", markup=False
        )


def introduction(config: SearchConfig) -> str:
    child = config.child
    return (
        f"{config.budget:,} candidates of {config.space.size:.2e} possible rules with {config.groups} groups; "
        f"{config.controller.name} trains {child.network} on {child.dataset}; seed {config.seed}."
    )


def leaderboard(report: SearchReport, rows: int) -> Table:
    table = Table(title=f"{report.done} of {report.config.budget} candidates done", title_justify="left")
    for name, justify in (
        ("#", "right"),
        ("reward", "right"),
        ("complexity", "right"),
        ("rate", "right"),
        ("rule", "left"),
    ):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    for rank, candidate in enumerate(report.leaderboard(rows), 1):
        rate = "" if candidate.learning_rate is None else f"{candidate.learning_rate:g}"
        table.add_row(
            str(rank), f"{candidate.reward:.4f}", str(candidate.proposed.complexity), rate, candidate.proposed.text
        )
    return table
