"""The workers' page: who serves the queues; for staff, what may be asked of them, and who asked what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from searchapp.access import person
from searchapp.fleet import audit, overview, queues, workers
from searchapp.fleet.errors import FleetError
from searchapp.models import Candidate, Queue, Trial, Worker
from searchapp.version import VERSION


@require_safe
@login_required
def worker_list(request: HttpRequest) -> HttpResponse:
    return render(request, "searchapp/workers.html", _context(request))


@require_safe
@login_required
def worker_fragment(request: HttpRequest) -> HttpResponse:
    """The page's changing parts as HTML, for static/js/fleet.js to put in their place."""
    return render(request, "searchapp/parts/fleet.html", _context(request))


def _context(request: HttpRequest) -> dict[str, Any]:
    user = person(request)
    lines = overview.fleet(user)
    audited = audit.last() if user.is_staff else []
    return {"lines": lines, "audited": audited, "version": VERSION, "queues": [line.row for line in lines]}


@require_POST
@login_required
def queue_action(request: HttpRequest, queue_id: int, action: str) -> HttpResponse:
    _check_staff(request)
    queue = get_object_or_404(Queue, pk=queue_id)
    return _act(request, QUEUE_ACTIONS, action, queue)


@require_POST
@login_required
def worker_action(request: HttpRequest, worker_id: int, action: str) -> HttpResponse:
    _check_staff(request)
    worker = get_object_or_404(Worker.objects.select_related("queue", "candidate", "trial"), pk=worker_id)
    return _act(request, WORKER_ACTIONS, action, worker)


def _check_staff(request: HttpRequest) -> None:
    if not person(request).is_staff:
        raise PermissionDenied("Only staff may change queues and workers.")


Action = Callable[[HttpRequest, Any], str]


def _act(request: HttpRequest, actions: dict[str, Action], action: str, target: Queue | Worker) -> HttpResponse:
    """Do it, then back to the page with a sentence."""
    if action not in actions:
        raise Http404("There is no such action.")
    try:
        messages.success(request, actions[action](request, target))
    except FleetError as error:
        messages.error(request, str(error))
    return redirect("worker-list")


def _pause(request: HttpRequest, queue: Queue) -> str:
    queues.pause_queue(user=person(request), queue=queue)
    return f"Queue {queue.name} is paused: what trains finishes, nothing new starts."


def _resume(request: HttpRequest, queue: Queue) -> str:
    queues.resume_queue(user=person(request), queue=queue)
    return f"Queue {queue.name} goes on."


def _limit(request: HttpRequest, queue: Queue) -> str:
    typed = request.POST.get(f"limit-{queue.pk}", "").strip()
    if typed and not (typed.isascii() and typed.isdigit() and len(typed) < 7):
        raise FleetError("The limit per person is a whole number of children, or empty for no limit.")
    queues.limit_queue(user=person(request), queue=queue, limit=int(typed) if typed else None)
    least = f"at most {int(typed):,} at once" if typed else "any number at once"
    return f"Children of one person on queue {queue.name}: {least}."


def _requeue(request: HttpRequest, queue: Queue) -> str:
    done = queues.requeue_failed(user=person(request), queue=queue)
    children = f"{done.children} failed child{'ren' if done.children != 1 else ''}"
    return f"Queued again: {children} of {done.searches} search{'es' if done.searches != 1 else ''}."


def _drain(request: HttpRequest, worker: Worker) -> str:
    workers.drain_worker(user=person(request), worker=worker)
    return f"Worker {worker.name} finishes its child, takes no more, and ends."


def _move(request: HttpRequest, worker: Worker) -> str:
    name = request.POST.get(f"queue-{worker.pk}", "")
    queue = Queue.objects.filter(name=name).first()
    if queue is None:
        raise FleetError(f"There is no queue “{name[:50]}” to move a worker to.")
    workers.move_worker(user=person(request), worker=worker, queue=queue)
    return f"Worker {worker.name} serves queue {queue.name} within a few seconds, until it ends."


def _retire(request: HttpRequest, worker: Worker) -> str:
    given_back = workers.retire_worker(user=person(request), worker=worker)
    back = f" {given_back} child{'ren' if given_back != 1 else ''} went back to the queue." if given_back else ""
    return f"Worker {worker.name} is retired.{back}"


def _cancel(request: HttpRequest, worker: Worker) -> str:
    kind, _, numbers = request.POST.get("child", "").partition(".")
    held: Candidate | Trial | None = worker.trial if kind == "trial" else worker.candidate
    if held is None or numbers != f"{held.pk}.{held.attempt}":
        raise FleetError(f"Worker {worker.name} trains something else by now: nothing was cancelled.")
    workers.cancel_child(user=person(request), child=held)
    return f"{audit.named(held).capitalize()} was cancelled: it has failed, and can be trained again."


QUEUE_ACTIONS: dict[str, Action] = {"pause": _pause, "resume": _resume, "limit": _limit, "requeue": _requeue}
WORKER_ACTIONS: dict[str, Action] = {"drain": _drain, "move": _move, "retire": _retire, "cancel": _cancel}
