"""Has a rule's trainings done side by side, and shows how far they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from engine.children.messages import ChildJob
from engine.children.process import Trainer
from engine.children.results import ChildResult
from engine.errors import ChildError, MachineError, TrainerDied
from engine.local.crew import Crew

LOOK_SECONDS = 0.2
Finished = dict[str, ChildResult | str]  # by the job's key; a str says why a job gave nothing


class Work:
    """Some jobs and how far they are.

    Args:
        titles: what each job is called, by its key.
        epochs: how many epochs a job has at most; 1 where it tells none.
    """

    def __init__(self, console: Console, titles: dict[str, str], epochs: int) -> None:
        self.console, self.titles, self.epochs = console, titles, epochs
        self._seen = dict.fromkeys(titles, 0)
        self._done = 0
        columns: list[Any] = [TextColumn("{task.fields[done]} done"), BarColumn(), TextColumn("{task.fields[now]}")]
        columns += [TimeElapsedColumn(), TimeRemainingColumn()]
        self._progress = Progress(*columns, console=console, disable=not console.is_terminal, transient=True)
        self._bar = self._progress.add_task("", total=len(titles) * epochs, now="", done=f"0/{len(titles)}")

    @contextmanager
    def shown(self) -> Iterator[None]:
        self._progress.start()
        try:
            yield
        finally:
            self._progress.stop()

    def note_epoch(self, key: str, event: dict[str, Any]) -> None:
        self._seen[key] = min(self._seen[key] + 1, self.epochs)
        now = f"{self.titles[key]}: rate {event['learning_rate']:g}, accuracy {event['validation_accuracy']:.3f}"
        self._progress.update(self._bar, completed=sum(self._seen.values()), now=now)

    def note_end(self, key: str, result: ChildResult | str, line: str) -> None:
        self._seen[key] = self.epochs
        self._done += 1
        done = f"{self._done}/{len(self.titles)}"
        self._progress.update(self._bar, completed=sum(self._seen.values()), done=done)
        text = result if isinstance(result, str) else line
        self.console.print(f"{done:>7}  {self.titles[key]}: {text}", markup=False, highlight=False, soft_wrap=True)


class Telling:
    """A trainer that also tells its epochs to somebody."""

    def __init__(self, trainer: Trainer, tell: Callable[[str, dict[str, Any]], None]) -> None:
        self._trainer, self._tell = trainer, tell

    def train(
        self,
        job: ChildJob,
        on_event: Callable[[dict[str, Any]], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> ChildResult:
        return self._trainer.train(job, lambda event: self._tell(job.key, event), should_stop)

    def close(self) -> None:
        self._trainer.close()


def do_all(
    jobs: Sequence[ChildJob],
    work: Work,
    make_trainer: Callable[[], Trainer],
    workers: int,
    should_stop: Callable[[], bool],
    line: Callable[[ChildResult], str],
) -> Finished:
    """Does the jobs in their order, `workers` at once; what is finished when ``should_stop`` says so is returned.

    Args:
        line: what is shown of a job that ended.

    Raises:
        MachineError: this machine can do no such job.
    """
    finished: Finished = {}
    with work.shown(), Crew(min(workers, len(jobs)), lambda: Telling(make_trainer(), work.note_epoch)) as crew:
        waiting = {crew.submit(job): job.key for job in jobs}
        while waiting and not should_stop():
            done, _ = wait(waiting, timeout=LOOK_SECONDS, return_when=FIRST_COMPLETED)
            for future in sorted(done, key=lambda f: list(waiting).index(f)):
                key = waiting.pop(future)
                finished[key] = result = _outcome(future)
                work.note_end(key, result, "" if isinstance(result, str) else line(result))
    return finished


def _outcome(future: Future[ChildResult]) -> ChildResult | str:
    try:
        return future.result()
    except MachineError:
        raise
    except (ChildError, TrainerDied) as error:
        return str(error)
