"""The progress bar of a search in a notebook or a terminal."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from tqdm.auto import tqdm  # type: ignore[import-untyped]

from engine.local.events import CandidateDone, ConfirmationBegun, ConfirmationDone, LocalEvent


class ProgressBar:
    """One bar for the candidates with the best rule so far, then one for the fresh seeds."""

    def __init__(self, budget: int, is_shown: bool) -> None:
        self.is_shown = is_shown
        self.bar = self._bar("candidates", budget)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bar.close()

    def show(self, event: LocalEvent) -> None:
        if isinstance(event, CandidateDone):
            if event.is_best:
                best = event.candidate
                self.bar.set_postfix_str(f"best {best.reward:.4g}: {best.proposed.text}", refresh=False)
            self.bar.update()
        elif isinstance(event, ConfirmationBegun):
            self.bar.close()
            self.bar = self._bar("fresh seeds", event.children)
        elif isinstance(event, ConfirmationDone):
            self.bar.update()

    def say(self, text: str) -> None:
        if self.is_shown:
            self.bar.write(text)

    def _bar(self, name: str, total: int) -> Any:
        return tqdm(total=total, desc=name, disable=not self.is_shown, dynamic_ncols=True)
