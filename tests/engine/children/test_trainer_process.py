"""The trainer process: warm, stoppable, and never a reason for its owner to hang or die."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from engine.children.process import ChildJob, TrainerProcess
from engine.children.training import train_child
from engine.config import ChildConfig
from engine.errors import ChildError, ChildStopped, TrainerDied
from engine.language import Rule
from engine.registry import protocol

CHILD = ChildConfig(network="mlp", protocol=protocol("quick"))
ENDLESS = ChildConfig(network="mlp", protocol=protocol("quick", epochs=1000, first_epoch_floor=0.0))
JOB = ChildJob("short", "exp(sign(g)*sign(m)) * g", CHILD, 1)


@pytest.fixture(scope="module")
def trainer():
    with TrainerProcess(device="cpu") as process:
        yield process


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 30
    while is_running(pid):
        assert time.monotonic() < deadline, "the trainer outlived its parent"
        time.sleep(0.05)


def on_first_event(action):
    """An on_event that does something once, when training is under way."""
    done = threading.Event()

    def on_event(event):
        if not done.is_set():
            done.set()
            action()

    return on_event


def test_a_child_is_the_same_in_the_trainer_and_here(trainer):
    there, here = trainer.train(JOB), train_child(Rule.parse(JOB.rule), CHILD, 1, device="cpu")
    assert there.reward == here.reward
    assert [run.curve for run in there.runs] == [run.curve for run in here.runs]


def test_it_stays_warm_and_takes_rules_as_objects(trainer):
    trainer.train(JOB)
    pid = trainer.pid
    assert trainer.train(ChildJob("object", Rule.parse("g"), CHILD, 1)).outcome == "trained"
    assert trainer.pid == pid


def test_events_arrive_while_it_trains(trainer):
    events = []
    result = trainer.train(JOB, on_event=events.append)
    assert len(events) == sum(len(run.curve) for run in result.runs)
    assert events[-1]["validation_accuracy"] == result.reward


def test_a_stop_ends_the_child_and_leaves_the_trainer_ready(trainer):
    asked = threading.Event()
    with pytest.raises(ChildStopped):
        trainer.train(ChildJob("endless", "g", ENDLESS, 1), on_first_event(asked.set), asked.is_set)
    pid = trainer.pid
    assert trainer.train(JOB).outcome == "trained"
    assert trainer.pid == pid


def test_a_trainer_that_is_deaf_to_the_stop_is_killed(trainer, monkeypatch):
    monkeypatch.setattr("engine.children.process.STOP_SECONDS", 0.5)
    asked = threading.Event()

    def freeze():
        os.kill(trainer.pid, signal.SIGSTOP)
        asked.set()

    with pytest.raises(ChildStopped):
        trainer.train(ChildJob("frozen", "g", ENDLESS, 1), on_first_event(freeze), asked.is_set)
    assert trainer.train(JOB).outcome == "trained"


def test_killed_in_mid_child_it_is_reported_and_the_next_job_works(trainer):
    kill = on_first_event(lambda: os.kill(trainer.pid, signal.SIGKILL))
    with pytest.raises(TrainerDied, match="SIGKILL"):
        trainer.train(ChildJob("killed", "g", ENDLESS, 1), kill)
    assert trainer.pid is None
    assert trainer.train(JOB).outcome == "trained"


def test_killed_between_children_it_is_simply_started_again(trainer):
    trainer.train(JOB)
    pid = trainer.pid
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while trainer.pid is not None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert trainer.train(JOB).outcome == "trained"
    assert trainer.pid != pid


def test_what_is_wrong_with_a_child_is_a_sentence_and_the_trainer_lives(trainer, monkeypatch):
    trainer.train(JOB)
    pid = trainer.pid
    with pytest.raises(ChildError, match="character"):
        trainer.train(ChildJob("wrong", "g +* m", CHILD, 1))
    assert trainer.pid == pid


def test_an_unexpected_error_in_a_child_is_a_sentence_too(trainer):
    one = protocol("quick", batch_size=1)
    child = ChildConfig(network_settings={"layers": 4}, protocol=one)  # Batch norm cannot work on one value.
    with pytest.raises(ChildError, match=r"could not be trained: ValueError: .*more than 1 value"):
        trainer.train(ChildJob("one", "g", child, 1))
    assert trainer.train(JOB).outcome == "trained"


def test_an_error_in_the_listener_comes_out_and_the_next_job_works(trainer):
    with pytest.raises(ZeroDivisionError):
        trainer.train(JOB, on_event=lambda event: 1 / 0)
    assert trainer.train(JOB).outcome == "trained"


def test_missing_data_is_said_with_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("NOS_DATA_DIR", str(tmp_path))
    with TrainerProcess(device="cpu") as process, pytest.raises(ChildError, match="fetch_dataset cifar10"):
        process.train(ChildJob("cifar", "g", ChildConfig(dataset="cifar10"), 1))


def test_several_threads_take_turns(trainer):
    results = []
    threads = [
        threading.Thread(target=lambda k=k: results.append(trainer.train(ChildJob(f"turn-{k}", "g", CHILD, 1)).reward))
        for k in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 3
    assert len(set(results)) == 1


OWNER = """
import sys, threading
from engine.children.process import ChildJob, TrainerProcess
from tests.engine.children.test_trainer_process import ENDLESS
trainer = TrainerProcess(device="cpu")
def first(event):
    print(trainer.pid, flush=True)
threading.Thread(target=trainer.train, args=(ChildJob("k", "g", ENDLESS, 1), first)).start()
"""


def test_killing_the_owner_ends_the_trainer():
    owner = subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True)
    pid = int(owner.stdout.readline())
    owner.kill()
    owner.wait()
    wait_until_gone(pid)


def test_a_trainer_whose_input_stays_open_elsewhere_still_ends_with_its_owner():
    """A forked sibling may hold the pipe: then no end of input comes, only a new parent."""
    reader, writer = os.pipe()
    script = (
        "import subprocess, sys, os, time\n"
        "command = [sys.executable, '-m', 'engine.children.trainer', '--parent', str(os.getpid())]\n"
        f"p = subprocess.Popen(command, stdin={reader})\n"
        "print(p.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    owner = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, pass_fds=(reader,))
    pid = int(owner.stdout.readline())
    owner.kill()
    owner.wait()
    wait_until_gone(pid)
    os.close(reader)
    os.close(writer)


def test_malformed_lines_are_answered_and_the_next_job_is_trained():
    lines = [
        "no json",
        "[1, 2]",
        '{"dance": 1}',
        '{"train": {"key": "k"}}',
        json.dumps({"train": {**JOB.to_dict(), "child": {"dataset": "nowhere"}}}),
        json.dumps({"train": JOB.to_dict()}),
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "engine.children.trainer", "--device", "cpu"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    process.stdin.write("\n".join(lines) + "\n")
    process.stdin.flush()
    answers = [json.loads(process.stdout.readline()) for _ in range(5)]
    for answer, word in zip(answers, ["JSON", "JSON", "only", "rule", "nowhere"], strict=True):
        assert answer["key"] is None
        assert word in answer["error"]
    last = {}
    while "result" not in last:
        last = json.loads(process.stdout.readline())
    assert last["key"] == "short"
    process.stdin.close()
    assert process.wait(30) == 0


def test_what_libraries_print_does_not_reach_the_stream():
    script = (
        "import os, sys\n"
        "from engine.children import trainer\n"
        "real = trainer.train_child\n"
        "def noisy(*args, **options):\n"
        "    print('from Python'); os.write(1, b'from C\\n')\n"
        "    return real(*args, **options)\n"
        "trainer.train_child = noisy\n"
        "trainer.main(['--device', 'cpu'])\n"
    )
    ended = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    ended.stdin.write(json.dumps({"train": JOB.to_dict()}) + "\n")
    ended.stdin.flush()
    message = {}
    while "result" not in message:
        message = json.loads(ended.stdout.readline())
    _, errors = ended.communicate()
    assert "from Python" in errors
    assert "from C" in errors


def test_the_owner_needs_no_torch():
    script = (
        "import sys, engine.children, engine.children.process, engine.children.results, engine.children.cost\n"
        "import engine.children.datasets.location\n"
        "assert not {'torch', 'sklearn'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
