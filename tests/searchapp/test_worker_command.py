"""`manage.py worker` says what is wrong with its arguments, and child workers never load torch."""

import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from searchapp.built_in import sync
from searchapp.models import PrimitiveSet, Queue
from searchapp.workers import presence


@pytest.mark.django_db
def test_an_unknown_queue_is_named_with_those_that_exist() -> None:
    sync()
    Queue.objects.create(name="gpu")
    with pytest.raises(CommandError, match="no queue “gpus”; there are: default, gpu"):
        call_command("worker", "--queue", "gpus")


@pytest.mark.parametrize(("option", "value"), [("--threads", "0"), ("--threads", "-3"), ("--name", "x" * 101)])
def test_a_wrong_option_is_named(option: str, value: str) -> None:
    with pytest.raises(CommandError, match=option):
        call_command("worker", option, value)


@pytest.mark.django_db
def test_workers_without_a_name_get_one_that_no_live_worker_has() -> None:
    sync()
    queue = Queue.objects.get(name="default")
    first = presence.free_name(queue)
    presence.register(first, queue, "cpu")
    second = presence.free_name(queue)
    assert first != second
    assert first.endswith("-default-1")
    presence.leave(first)
    assert presence.free_name(queue) == first


@pytest.mark.django_db
def test_built_in_rows_are_written_once_however_often_they_are_synchronised() -> None:
    for _ in range(2):
        sync()
    names = list(PrimitiveSet.objects.filter(owner=None).values_list("name", flat=True))
    assert len(names) == len(set(names)) >= 3
    PrimitiveSet.objects.filter(name=names[0]).update(operands=["g"])
    sync()
    assert PrimitiveSet.objects.get(name=names[0]).operands != ["g"]
    assert Queue.objects.filter(name="default").count() == 1


LIGHT = "nosweb.asgi, searchapp.services, searchapp.tasks.children, searchapp.workers.run, searchapp.admin"


def test_neither_the_web_process_nor_a_child_worker_imports_torch() -> None:
    code = f"import django, sys; django.setup(); import {LIGHT}; sys.exit('torch' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
