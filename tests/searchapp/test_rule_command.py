"""`manage.py rule`: what is asked about one rule, in a process of its own or with a trainer that only pretends."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.management.base import CommandError

from engine.children.messages import ChildJob
from engine.children.results import ChildResult
from engine.config import SearchConfig
from engine.errors import ChildError, MachineError
from engine.evaluation.confirm import paired_difference
from engine.language import Rule
from engine.presets import BASELINES, NAMED_RULES
from searchapp.management.commands import rule as rule_command
from searchapp.management.commands.rule import Command

ROOT = Path(__file__).parent.parent.parent
SMALL = ["--network", "softmax", "--learning-rates", "0.01", "0.1", "--epochs", "2", "--train-examples", "300"]


def command(*arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), "rule", *arguments]


def environment(tmp_path: Path) -> dict[str, str]:
    """No server can be reached: neither database nor Redis is there."""
    nowhere = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"}
    return {**os.environ, **nowhere, "VAR_DIR": str(tmp_path / "var"), "OMP_NUM_THREADS": "1", "COLUMNS": "120"}


def rule(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    options: dict[str, Any] = {"capture_output": True, "text": True, "cwd": tmp_path, "check": False}
    return subprocess.run(command(*arguments), env=environment(tmp_path), **options)


class Pretending:
    """A trainer whose rewards are known: 0.9 − 0.01 · complexity + 0.001 · the seed's number."""

    jobs: list[ChildJob]
    error: Exception | None = None

    def __init__(self, device: str, threads: int) -> None:
        pass

    def train(self, job: ChildJob, on_event: Any = None, should_stop: Any = None) -> ChildResult:
        self.jobs.append(job)
        parsed = job.rule if isinstance(job.rule, Rule) else Rule.parse(job.rule)
        if self.error is not None and parsed.uses("v"):
            raise self.error
        number = [SearchConfig.confirmation_seed(n) for n in range(10)].index(job.seed)
        reward = 0.9 - 0.01 * parsed.complexity + 0.001 * number
        names = ("final_validation", "final_test", "best_validation", "test_at_best_validation")
        extra = {"columns": dict.fromkeys(names, reward), "rates": []} if job.kind == "transfer" else {}
        return ChildResult(reward, "trained", "Done.", 0.1, (), 0.01, extra)

    def close(self) -> None:
        pass


@pytest.fixture
def pretending(monkeypatch: pytest.MonkeyPatch) -> type[Pretending]:
    Pretending.jobs, Pretending.error = [], None
    monkeypatch.setattr(rule_command, "TrainerProcess", Pretending)
    monkeypatch.setattr(signal, "signal", lambda *args: None)
    monkeypatch.setenv("COLUMNS", "120")
    return Pretending


def run(*arguments: str) -> None:
    Command().run_from_argv(["manage.py", "rule", *arguments])


def test_a_transfer_shows_four_columns_and_writes_every_curve(tmp_path: Path) -> None:
    options = ["--baselines", "adam", "--workers", "2", "--json", "out.json"]
    done = rule(tmp_path, "transfer", "exp(sign(g)*sign(m)) * g", *SMALL, *options)
    assert done.returncode == 0, done.stderr
    assert "Transfer to softmax on digits: 2 epochs at each of 2 learning rates, fresh seed 0" in done.stdout
    assert "roxy" not in done.stdout
    assert "2/2" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    told = json.loads((tmp_path / "out.json").read_text())
    assert (told["kind"], told["seed"]) == ("transfer", SearchConfig.confirmation_seed(0))
    assert [row["name"] for row in told["rows"]] == ["", "adam"]
    for row in told["rows"]:
        assert [len(entry["curve"]) for entry in row["runs"]] == [2, 2]
        shown = next(line for line in done.stdout.splitlines() if row["title"] in line)
        cells = [cell.strip() for cell in shown.split("│")[2:6]]
        assert cells == [f"{value:.4f}" for value in row["columns"].values()]


def test_paths_show_each_function_with_its_rate(tmp_path: Path) -> None:
    done = rule(tmp_path, "paths", "powersign", "--baselines", "none", "--json")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)["rows"]
    assert [row["name"] for row in rows] == ["powersign"]
    for function in rows[0]["functions"]:
        end = function["late_value" if function["name"] == "noisy-quadratic" else "final_value"]
        assert f"{end:.3g} ({function['learning_rate']:g})" in done.stderr


def test_confirmation_in_real_trainers_pairs_the_seeds(tmp_path: Path) -> None:
    done = rule(tmp_path, "confirm", "g", "--seeds", "2", *SMALL, "--baselines", "adam", "--json", "out.json")
    assert done.returncode == 0, done.stderr
    told = json.loads((tmp_path / "out.json").read_text())
    assert told["seeds"] == [SearchConfig.confirmation_seed(n) for n in range(2)]
    ours, adam = (list(row["rewards"].values()) for row in told["rows"])
    assert len(set(ours)) > 1
    expected = paired_difference(ours, adam)
    assert told["rows"][1]["rule_minus_this"] == expected.to_dict()
    assert told["rows"][0]["rule_minus_this"] is None
    assert f"{expected.mean:+.4f}" in done.stdout
    assert "Proxy reward, softmax on digits" in done.stdout
    assert "ransfer" not in done.stdout


def test_rows_are_sorted_and_the_baselines_are_the_search_s(
    pretending: type[Pretending], capsys: pytest.CaptureFixture[str]
) -> None:
    run("transfer", "g * v + m", "--seed", "4")
    shown = capsys.readouterr().out
    rows = [line.split("│")[1:3] for line in shown.splitlines() if line.startswith("│")]
    accuracies = [float(cells[1]) for cells in rows]
    assert len(rows) == 1 + len(BASELINES)
    assert accuracies == sorted(accuracies, reverse=True)
    assert {job.kind for job in pretending.jobs} == {"transfer"}
    assert {job.seed for job in pretending.jobs} == {SearchConfig.confirmation_seed(4)}
    assert len({json.dumps(job.child.model_dump(mode="json")) for job in pretending.jobs}) == 1


def test_the_same_rule_is_not_trained_twice_and_none_means_none(pretending: type[Pretending]) -> None:
    run("transfer", "m * 1", "--baselines", "momentum", "sgd", "sgd")
    assert [job.rule.text for job in pretending.jobs if isinstance(job.rule, Rule)] == ["m * 1", "g"]
    pretending.jobs.clear()
    run("confirm", "m", "--baselines", "none", "--seeds", "2")
    assert [job.seed for job in pretending.jobs] == [SearchConfig.confirmation_seed(n) for n in range(2)]


def test_another_network_has_its_own_settings_and_the_row_s_protocol(pretending: type[Pretending]) -> None:
    changes = ["--network", "mlp", "--network-setting", "hidden=32", "--epochs", "7"]
    run("transfer", "g", "--to", "wrn-digits", *changes, "--baselines", "none")
    child = pretending.jobs[0].child
    assert (child.network, child.network_settings["hidden"]) == ("mlp", 32)
    assert (child.protocol.epochs, len(child.protocol.learning_rates)) == (7, 7)


def test_a_rule_that_cannot_be_trained_is_told_and_the_others_are_shown(
    pretending: type[Pretending], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    pretending.error = ChildError("There is not enough memory.")
    run("transfer", "m * v", "--baselines", "sgd", "--json", str(tmp_path / "out.json"))
    shown = capsys.readouterr()
    assert "m * v: There is not enough memory." in shown.err
    assert "failed" in shown.out
    assert json.loads((tmp_path / "out.json").read_text())["rows"][0]["failures"] == {
        "0": "There is not enough memory."
    }
    with pytest.raises(SystemExit) as ended:
        run("transfer", "m * v", "--baselines", "none")
    assert ended.value.code == 1


def test_what_this_machine_lacks_ends_it_with_one_sentence(
    pretending: type[Pretending], capsys: pytest.CaptureFixture[str]
) -> None:
    pretending.error = MachineError("CIFAR-10 is not here; run fetch_dataset cifar10.")
    with pytest.raises(SystemExit) as ended:
        run("transfer", "m * v", "--baselines", "none")
    assert ended.value.code == 1
    assert "fetch_dataset cifar10" in capsys.readouterr().err


def test_ctrl_c_shows_what_is_finished(tmp_path: Path) -> None:
    options = [*SMALL, "--epochs", "300", "--baselines", "adam"]
    running = subprocess.Popen(
        command("transfer", "g", *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=environment(tmp_path), cwd=tmp_path,
    )  # fmt: skip
    assert running.stderr is not None
    assert running.stdout is not None
    line = running.stderr.readline()
    assert "1/2" in line
    running.send_signal(signal.SIGINT)
    began = time.monotonic()
    shown, errors = running.communicate(timeout=60)
    assert running.returncode == 130
    assert time.monotonic() - began < 30
    assert "not finished" in shown
    assert "Interrupted: 1 of 2 are done." in errors


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["transfer", "g +"], "should stand here"),
        (["transfer", "nonsense"], "nonsense"),
        (["transfer", "g", "--to", "imagenet"], "there are deep-convnet-digits"),
        (["transfer", "g", "--baselines", "adamw"], "there are sgd"),
        (["transfer", "g", "--epochs", "0"], "--epochs"),
        (["transfer", "g", "--network", "vgg"], "--network: “vgg” is not known"),
        (["transfer", "g", "--network-setting", "depth=3"], "depth"),
        (["transfer", "g", "--network-setting", "depth"], "KEY=VALUE"),
        (["transfer", "g", "--learning-rates", "0"], "above 0"),
        (["transfer", "g", "--train-examples", "5000"], "1,297"),
        (["transfer", "g", "--sweep-examples", "5"], "unrecognized"),
        (["transfer", "g", "--seed", "-1"], "--seed"),
        (["transfer", "g", "--workers", "0"], "--workers"),
        (["transfer", "g", "--device", "abacus"], "use auto"),
        (["transfer", "g", "--json", "no/such/folder.json"], "--json"),
        (["confirm", "g", "--seeds", "0"], "--seeds"),
        (["confirm", "g", "--protocol", "long"], "there are paper"),
        (["paths", "g", "--seed", "many"], "invalid int"),
        (["export", "g", "--class-name", "1st"], "no name for a Python class"),
        (["export", "g", "-o", "no/such/file.py"], "--output"),
        (["dance", "g"], "invalid choice"),
        (["show"], "rule"),
    ],
)
def test_a_wrong_value_is_named_on_one_line_before_anything_is_trained(
    pretending: type[Pretending],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    arguments: list[str],
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises((SystemExit, CommandError)) as ended:
        run(*arguments)
    code = ended.value.code if isinstance(ended.value, SystemExit) else ended.value.returncode
    error = capsys.readouterr().err + str(ended.value)
    assert code == 2
    assert says in error
    assert not pretending.jobs
    assert not list(tmp_path.iterdir())


def test_show_prints_every_form_of_a_rule(capsys: pytest.CaptureFixture[str]) -> None:
    run("show", "powersign-ld")
    shown, parsed = capsys.readouterr().out, NAMED_RULES["powersign-ld"].rule
    assert "powersign-ld (PowerSign-ld)" in shown
    for form in (parsed.text, parsed.latex, parsed.canonical.text, parsed.fingerprint, str(parsed.complexity)):
        assert form in shown
    assert "total_steps" in shown
    run("show", "g + 0 * m")
    assert Rule.parse("g + 0 * m").canonical.text in capsys.readouterr().out


def test_export_writes_an_optimizer_that_trains(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "power.py"
    run("export", "powersign", "-o", str(path), "--class-name", "PowerSign", "--learning-rate", "0.1")
    assert capsys.readouterr().out == ""
    script = (
        "import torch\nfrom power import PowerSign\n"
        "w = torch.nn.Parameter(torch.ones(3))\noptimizer = PowerSign([w])\n"
        "assert optimizer.defaults['lr'] == 0.1\n"
        "(w ** 2).sum().backward()\noptimizer.step()\nassert (w < 1).all()"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=tmp_path)
    run("export", "powersign", "--class-name", "PowerSign", "--learning-rate", "0.1")
    assert capsys.readouterr().out == path.read_text()
