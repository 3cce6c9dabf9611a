"""What a person in a terminal sees while a search runs."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from engine.config import ConfirmationConfig, SearchConfig
from engine.local import CandidateDone, ConfirmationBegun, ConfirmationDone, LocalEvent, RoundObserved
from engine.local.standing import spread_text


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
        elif isinstance(event, ConfirmationBegun):
            self.progress.reset(self.bar, total=event.children, description="fresh seeds", policy="")
        elif isinstance(event, ConfirmationDone):
            self.progress.advance(self.bar)
            self._show_confirmed(event)
        else:
            self.progress.advance(self.bar)
            if event.is_best:
                self._show_best(event)

    def _show_confirmed(self, event: ConfirmationDone) -> None:
        """A line once the last seed of a rule is trained."""
        confirmation = event.confirmation
        if confirmation.spread is not None:
            names = f" ({', '.join(confirmation.baselines)})" if confirmation.baselines else ""
            self.console.print(
                f"confirmed       {spread_text(confirmation.spread)}  {confirmation.rule.text}{names}", markup=False
            )

    def _show_best(self, event: CandidateDone) -> None:
        candidate = event.candidate
        self.progress.update(self.bar, best=f"{candidate.reward:.4f}")
        self.console.print(
            f"candidate {candidate.proposed.index:>4}  {candidate.reward:.4f}  {candidate.proposed.text}", markup=False
        )


def introduction(config: SearchConfig) -> str:
    child, confirmation = config.child, config.confirmation
    fresh = f", then {_fresh_text(confirmation)}" if confirmation.top or confirmation.baselines else ""
    return (
        f"{config.budget:,} candidates of {config.space.size:.2e} possible rules with {config.groups} groups; "
        f"{config.controller.name} trains {child.network} on {child.dataset}; seed {config.seed}{fresh}."
    )


def _fresh_text(confirmation: ConfirmationConfig) -> str:
    top = f"the best {confirmation.top}" if confirmation.top else ""
    baselines = f"{len(confirmation.baselines)} baselines" if confirmation.baselines else ""
    seeds = "1 fresh seed" if confirmation.seeds == 1 else f"{confirmation.seeds} fresh seeds"
    return f"{' and '.join(filter(None, (top, baselines)))} with {seeds} each"
