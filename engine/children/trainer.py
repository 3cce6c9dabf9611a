"""The trainer process: trains the children it is sent, one after the other, and stays warm between them.

`python -m engine.children.trainer --device auto --threads 1` speaks the JSON lines of ``engine.children.messages``.
"""

from __future__ import annotations

import argparse
import logging
import signal

import torch

from engine.children import kinds
from engine.children.messages import ChildJob
from engine.children.owner_link import OwnerLink
from engine.children.training import train_child
from engine.errors import ChildStopped, EngineError, MachineError
from engine.language import Rule

log = logging.getLogger(__name__)


def main(arguments: list[str] | None = None) -> None:
    options = _options().parse_args(arguments)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the owner too, and the owner decides.
    link = OwnerLink(options.parent)
    torch.set_num_threads(options.threads)
    for job in link.jobs():
        answer(link, job, options.device)


def answer(link: OwnerLink, job: ChildJob, device: str) -> None:
    """Trains one child; whatever goes wrong with it becomes an answer, so the process lives on."""
    try:
        work = train_child if job.kind == "child" else kinds.load(job.kind)
        result = work(
            job.rule if isinstance(job.rule, Rule) else Rule.parse(job.rule),
            job.child,
            job.seed,
            on_event=lambda event: link.send(job.key, event=event),
            should_stop=lambda: link.is_stopped(job.key),
            device=device,
        )
    except ChildStopped:
        link.send(job.key, stopped=True)
    except MachineError as error:
        link.send(job.key, error=str(error), machine=True)
    except EngineError as error:
        link.send(job.key, error=str(error))
    except Exception as error:
        log.exception("A child could not be trained")
        link.send(job.key, error=_sentence(error))
    else:
        link.send(job.key, result=result.to_dict())


def _sentence(error: Exception) -> str:
    if isinstance(error, MemoryError | torch.OutOfMemoryError) or "can't allocate memory" in str(error):
        return "There is not enough memory for this child; use a smaller network or a smaller batch."
    first_line = (str(error).splitlines() or [""])[0].rstrip(".")
    return f"The child could not be trained: {type(error).__name__}: {first_line}."


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m engine.children.trainer", description=__doc__)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:0 …")
    parser.add_argument("--threads", type=int, default=1, help="threads that torch computes with")
    parser.add_argument("--parent", type=int, help="process without which this one ends")
    return parser


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    main()
