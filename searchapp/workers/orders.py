"""What the server asks of a worker, read from its row whenever it writes that it lives."""

from __future__ import annotations

import logging
from collections.abc import Callable

from searchapp.models import Queue, Worker
from searchapp.workers import presence
from searchapp.workers.child import ChildWorker

log = logging.getLogger(__name__)


class Orders:
    """Looks at the row and obeys: another queue, an end once the child is trained, an end at once.

    Attributes:
        dismissed: why the worker ends on the server's word, a sentence for its terminal; empty while it does not.
    """

    def __init__(
        self, worker: ChildWorker, queue: Queue, device: str, serve: Callable[[str, str], object],
        end: Callable[[], object],
    ) -> None:  # fmt: skip
        self.worker, self.queue, self.device = worker, queue, device
        self._serve, self._end = serve, end  # serve(queue before, queue now)
        self.dismissed = ""

    def look(self) -> bool:
        """Write that the worker lives, then do what is asked. False once it was told to end."""
        presence.seen(self.worker.name, self.queue, self.device)
        row = Worker.objects.select_related("queue").filter(name=self.worker.name).first()
        if row is None:
            return True  # somebody deleted it just now: the next look writes it again
        if row.refused or row.retired:
            return self._dismiss(row.refused or f"Worker {row.name} was retired on the workers' page.")
        if row.draining and self.worker.drain():
            return self._dismiss(f"Worker {row.name} is drained: it has finished its child and takes no more.")
        if row.queue_id != self.queue.pk:
            self._move(row.queue)
        return True

    def _move(self, queue: Queue) -> None:
        log.info("%s goes from queue %s to queue %s", self.worker.name, self.queue, queue)
        self._serve(self.queue.name, queue.name)
        self.queue = queue  # only now: where the broker cannot be reached, the next look tries again

    def _dismiss(self, sentence: str) -> bool:
        """The row stays until the process has ended, so the heartbeat goes on: it only says so once."""
        if not self.dismissed:
            self.dismissed = sentence
            log.warning(sentence)
            self._end()
        return True
