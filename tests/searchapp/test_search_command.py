"""`manage.py search` in a process of its own: what it prints, writes and refuses."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from engine.config import SearchConfig
from engine.errors import MachineError
from engine.local import CandidateDone, LocalEvent, SearchReport, run_search
from searchapp.management.commands import search as search_command
from searchapp.management.commands.search import Command
from tests.engine.stand import Stand

ROOT = Path(__file__).parent.parent.parent
CHILDREN = ["--learning-rates", "0.01", "0.1", "--sweep-examples", "200", "--epochs", "1", "--train-examples", "300"]
NO_FLOOR = ["--first-epoch-floor", "0"]
UNCONFIRMED = ["--confirm", "0", "--baselines", "none"]
QUICK = [*CHILDREN, *UNCONFIRMED]


def command(tmp_path: Path, *arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), "search", *arguments]


def environment(tmp_path: Path) -> dict[str, str]:
    """No server can be reached: neither database nor Redis is there."""
    nowhere = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"}
    return {**os.environ, **nowhere, "VAR_DIR": str(tmp_path / "var"), "OMP_NUM_THREADS": "1", "COLUMNS": "200"}


def search(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(tmp_path, *arguments),
        capture_output=True,
        text=True,
        env=environment(tmp_path),
        cwd=tmp_path,
        check=False,
    )


def test_a_search_prints_a_leaderboard_and_writes_the_optimizer_and_the_report(tmp_path: Path) -> None:
    options = ["--budget", "6", "--workers", "2", "--export", "best.py", "--json", "report.json"]
    done = search(tmp_path, "run", *options, *QUICK, *NO_FLOOR)
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["is_finished"]
    assert len(report["candidates"]) == 6
    assert "6 of 6 candidates done" in done.stdout
    assert report["best"]["rule"] in done.stdout
    source = (tmp_path / "best.py").read_text()
    assert f"update: {report['best']['rule']}" in source
    compile(source, "best.py", "exec")
    assert "\x1b" not in done.stdout + done.stderr  # no colours and no bar in a pipe
    assert "confirmed" not in done.stdout + done.stderr  # nothing was to be confirmed


def test_json_on_stdout_is_nothing_but_json_and_the_seed_decides_the_rules(tmp_path: Path) -> None:
    options = ["--budget", "4", "--json", "--controller", "random", "--set", "paper", *QUICK]
    first = search(tmp_path, "run", "--seed", "7", *options)
    again = search(tmp_path, "run", "--seed", "7", "--workers", "2", *options)
    other = search(tmp_path, "run", "--seed", "8", *options)
    rules = [
        [(c["rule"], c["reward"]) for c in json.loads(done.stdout)["candidates"]] for done in (first, again, other)
    ]
    assert rules[0] == rules[1]
    assert rules[0] != rules[2]
    assert "4 of 4" in first.stderr


def test_a_configuration_file_is_read_and_options_override_it(tmp_path: Path) -> None:
    (tmp_path / "search.toml").write_text(
        'budget = 3\nseed = 5\n[primitives]\noperands = ["g", "m"]\nunary = ["x"]\nbinary = ["+"]\n'
        '[controller]\nname = "random"\n[child.protocol]\nepochs = 1\nlearning_rates = [0.1]\ntrain_examples = 200\n'
        '[confirmation]\ntop = 1\nseeds = 2\nbaselines = ["sgd"]\n'
    )
    done = search(tmp_path, "run", "--config", "search.toml", "--seed", "6", "--json")
    used = json.loads(done.stdout)["config"]
    assert (used["budget"], used["seed"], used["primitives"]["operands"]) == (3, 6, ["g", "m"])
    assert used["confirmation"] == {"top": 1, "seeds": 2, "baselines": ["sgd"]}
    report = tmp_path / "used.json"
    report.write_text(json.dumps(used))
    assert search(tmp_path, "run", "--config", "used.json", "--json").returncode == 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--budget", "0"], "budget"),
        (["--groups", "9"], "groups"),
        (["--set", "foo"], "there are signs, paper"),
        (["--dataset", "mnist"], "there are digits, cifar10"),
        (["--network", "vgg"], "convnet"),
        (["--protocol", "long"], "there are paper, quick"),
        (["--controller", "bandit"], "there are ppo, trpo"),
        (["--operands", "foo"], "Unknown name"),
        (["--unary", "tan"], "no unary function"),
        (["--setting", "lr=1"], "learning_rate"),
        (["--setting", "lr"], "KEY=VALUE"),
        (["--network-setting", "filters=0"], "filters"),
        (["--learning-rates", "0"], "above 0"),
        (["--train-examples", "5000"], "1,297"),
        (["--workers", "0"], "at least 1"),
        (["--export", "no/such/folder.py"], "--export"),
        (["--json", "no/such/folder.json"], "--json"),
        (["--config", "none.json"], "none.json"),
        (["--device", "abacus"], "use auto"),
        (["--device", "cuda:99"], "use auto"),
        (["--state", "no/such/folder.jsonl"], "cannot be opened"),
        (["--export", "."], "it is a folder"),
        (["--export", "one.out", "--json", "one.out"], "same file"),
        (["--state", "one.out", "--json", "one.out"], "same file"),
        (["--confirm", "-1"], "--confirm: "),
        (["--confirm-seeds", "0"], "--confirm-seeds: "),
        (["--baselines", "adamm"], "adamm"),
        (["--baselines", "none", "adam"], "none"),
        (["--budget", "many"], "invalid int"),
        (["--nonsense"], "unrecognized"),
    ],
)
def test_a_wrong_value_is_named_on_one_line_before_anything_is_trained(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, options: list[str], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    code, error = refused(capsys, *options)
    assert code == 2
    assert says in error
    assert "usage:" not in error
    assert not list(tmp_path.iterdir())


def refused(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[object, str]:
    """Exit code and stderr of a command that ends before it trains."""
    with pytest.raises(SystemExit) as ended:
        Command().run_from_argv(["manage.py", "search", "run", *options])
    return ended.value.code, capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "text"), [("a.json", "{"), ("a.toml", "= 3"), ("a.json", "[1]"), ("a.json", '{"child": 3}')]
)
def test_a_configuration_file_that_is_none_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)
    code, error = refused(capsys, "--config", str(tmp_path / name))
    assert code == 2
    assert name in error


def test_a_file_that_is_no_state_file_is_refused_and_left_alone(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("the only copy")
    code, error = refused(capsys, "--state", str(notes))
    assert code == 2
    assert "no state file" in error
    assert notes.read_text() == "the only copy"


def test_results_known_before_an_error_are_shown_and_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def breaks_after_two(config: SearchConfig, **options: Any) -> SearchReport:
        def trainer() -> Stand:
            return Stand([])

        def on_event(event: LocalEvent) -> None:
            options["on_event"](event)
            if isinstance(event, CandidateDone) and event.candidate.proposed.index == 1:
                raise MachineError("The disk is full.")

        return run_search(config, on_event=on_event, make_trainer=trainer)

    monkeypatch.setattr(search_command, "run_search", breaks_after_two)
    monkeypatch.setattr(search_command.signal, "signal", lambda *_: None)
    monkeypatch.chdir(tmp_path)
    code, error = refused(capsys, "--json", "report.json", "--export", "best.py")
    assert code == 1
    assert "The disk is full." in error
    assert len(json.loads((tmp_path / "report.json").read_text())["candidates"]) >= 2
    assert (tmp_path / "best.py").exists()


def test_ctrl_c_ends_with_what_is_known_and_the_state_file_goes_on(tmp_path: Path) -> None:
    options = ["run", "--budget", "500", "--state", "state.jsonl", "--set", "paper", *QUICK]
    process = subprocess.Popen(
        command(tmp_path, *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=environment(tmp_path), cwd=tmp_path,
    )  # fmt: skip
    state = tmp_path / "state.jsonl"
    while not state.exists() or state.read_bytes().count(b"\n") < 4:
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Interrupted" in out
    assert "Traceback" not in err
    kept = [json.loads(line) for line in state.read_text().splitlines()[1:]]
    assert len(kept) >= 3


def test_the_best_rules_and_baselines_are_confirmed_beside_their_proxy_rewards(tmp_path: Path) -> None:
    options = ["--budget", "4", "--confirm", "1", "--confirm-seeds", "2", "--baselines", "adam", "powersign-ld"]
    done = search(tmp_path, "run", *options, "--json", "report.json", "--export", "best.py", *CHILDREN, *NO_FLOOR)
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    for row in report["confirmations"]:
        mean, std = row["confirmed"]["mean"], row["confirmed"]["std"]
        assert f"{mean:.4f} ± {std:.4f} (2)" in done.stdout
        assert f"{mean:.4f} ± {std:.4f} (2)" in done.stderr  # told as soon as it is known
    assert f"{report['best']['reward']:.4f}" in done.stdout
    for words in (
        "Proxy reward",
        "confirmed",
        "baseline Adam",
        "baseline PowerSign-ld",
        "3 of 3 rules and baselines",
    ):
        assert words in done.stdout
    assert "seed by seed" in done.stdout
    header = (tmp_path / "best.py").read_text().split("import ")[0]
    assert f"Confirmed: validation accuracy {report['best']['confirmed']['mean']:.4f} ±" in header
    assert f"Proxy reward: validation accuracy {report['best']['reward']:.4f}" in header
    assert "Baseline Adam, same seeds" in header


def test_a_search_whose_rules_are_all_screened_out_ends_without_a_best_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(search_command.signal, "signal", lambda *_: None)
    monkeypatch.chdir(tmp_path)
    tokens = ["--operands", "1", "2", "--unary", "x", "--binary", "+", "--controller", "random", "--budget", "2"]
    Command().run_from_argv(["manage.py", "search", "run", *tokens, *UNCONFIRMED, "--export", "best.py"])
    shown = capsys.readouterr().out
    assert "2 of 2 candidates done" in shown
    assert "best.py is not written" in shown


def test_presets_list_every_name_that_the_options_take(tmp_path: Path) -> None:
    done = search(tmp_path, "presets")
    assert done.returncode == 0
    for name in ("digits", "cifar10", "convnet", "ppo", "random", "paper-decays", "scaled", "clip", "entropy_coef"):
        assert name in done.stdout
