"""The kinds of jobs that a trainer does: a child is only one of them."""

import json
import subprocess
import sys
import threading

import pytest

from engine.children.kinds import ABOVE, KINDS, load
from engine.children.messages import ChildJob, read_job
from engine.children.process import TrainerProcess
from engine.children.results import ChildResult
from engine.config import ChildConfig
from engine.errors import ChildError, ChildStopped
from engine.evaluation.paths import run_paths
from engine.evaluation.transfer import train_transfer
from engine.language import Rule
from engine.registry import Protocol

PROTOCOL = Protocol(learning_rates=(0.01, 0.1), epochs=2, train_examples=300, first_epoch_floor=0.0)
CHILD = ChildConfig(network="softmax", protocol=PROTOCOL)


@pytest.fixture(scope="module")
def trainer():
    with TrainerProcess(device="cpu") as process:
        yield process


@pytest.mark.parametrize("kind", KINDS)
def test_a_job_keeps_its_kind_through_json(kind):
    job = ChildJob("k", "g", CHILD, 1, kind)
    assert read_job(json.loads(json.dumps(job.to_dict()))) == job


def test_a_job_without_a_kind_is_a_child():
    values = ChildJob("k", "g", CHILD, 1).to_dict()
    del values["kind"]
    assert read_job(values).kind == "child"


@pytest.mark.parametrize("kind", ["dance", "", None, 3, ["paths"]])
def test_an_unknown_kind_is_a_sentence_with_those_that_exist(kind):
    values = ChildJob("k", "g", CHILD, 1).to_dict()
    with pytest.raises(ChildError, match="child, transfer, paths"):
        read_job({**values, "kind": kind})
    with pytest.raises(ChildError, match="child, transfer, paths"):
        ChildJob("k", "g", CHILD, 1, kind)


def test_every_kind_above_this_layer_has_its_function():
    assert {"child", *ABOVE} == set(KINDS)
    assert all(callable(load(kind)) for kind in ABOVE)


def test_results_keep_what_is_extra_and_old_ones_have_nothing():
    result = ChildResult(0.5, "trained", "", 0.1, (), 1.0, {"columns": {"final_test": 0.4}})
    assert ChildResult.from_dict(json.loads(json.dumps(result.to_dict()))) == result
    old = result.to_dict()
    del old["extra"]
    assert ChildResult.from_dict(old).extra == {}


def test_one_warm_trainer_does_all_kinds_as_they_are_done_here(trainer):
    rule = Rule.parse("m")
    moved = trainer.train(ChildJob("t", rule, CHILD, 1, "transfer"))
    pid = trainer.pid
    walked = trainer.train(ChildJob("p", rule, CHILD, 1, "paths"))
    child = trainer.train(ChildJob("c", rule, CHILD, 1))
    assert trainer.pid == pid
    assert moved.extra == train_transfer(rule, CHILD, 1, device="cpu").extra
    assert walked.extra == run_paths(rule, seed=1).extra
    assert child.extra == {}


def test_a_transfer_tells_its_epochs_and_can_be_stopped(trainer):
    events = []
    trainer.train(ChildJob("t", "g", CHILD, 1, "transfer"), events.append)
    assert [event["epoch"] for event in events] == [1, 2, 1, 2]
    asked = threading.Event()
    endless = CHILD.model_copy(update={"protocol": PROTOCOL.model_copy(update={"epochs": 1000})})
    with pytest.raises(ChildStopped):
        trainer.train(ChildJob("e", "g", endless, 1, "transfer"), lambda event: asked.set(), asked.is_set)


def test_naming_a_kind_needs_no_torch():
    script = (
        "import sys\nfrom engine.children.messages import ChildJob\nfrom engine.config import ChildConfig\n"
        "ChildJob('k', 'g', ChildConfig(), 1, 'transfer')\n"
        "assert not {'torch', 'sklearn'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
