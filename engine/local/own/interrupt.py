"""Ctrl-C, or a notebook's stop button, ends a search with what is known."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def stop_at_ctrl_c() -> Iterator[Callable[[], bool]]:
    """Gives what to ask; the first Ctrl-C sets it, a second one raises KeyboardInterrupt as ever.

    Only the main thread hears signals: elsewhere nothing is changed.
    """
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop.is_set
        return
    before = signal.getsignal(signal.SIGINT)

    def end(number: int, frame: object) -> None:
        stop.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, end)
    try:
        yield stop.is_set
    finally:
        signal.signal(signal.SIGINT, before or signal.default_int_handler)
