"""`search_optimizer` on somebody's own model, data, loss and score."""

import random
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from engine import SearchReport, search_optimizer
from engine.errors import ChildError, EngineError, SearchStateError, SettingsError
from engine.local import CandidateDone, ConfirmationDone, LocalEvent
from engine.registry.protocols import PAPER_RATES

Batch = tuple[Tensor, Tensor]
X = torch.linspace(-1, 1, 40).unsqueeze(1)
BATCHES = [{"x": part, "y": 3 * part - 1} for part in X.split(10)]
QUICK: dict[str, Any] = {
    "learning_rates": (0.01, 0.1), "sweep_batches": 3, "epochs": 1, "confirm": 1, "confirm_seeds": 2,
    "baselines": ("sgd",), "progress": False, "controller": "random",
}  # fmt: skip


def digits() -> tuple[DataLoader[Any], DataLoader[Any]]:
    images, labels = load_digits(return_X_y=True)
    data = TensorDataset(torch.tensor(images / 16, dtype=torch.float32), torch.tensor(labels))
    train = DataLoader(torch.utils.data.Subset(data, range(300)), batch_size=50, shuffle=True)
    return train, DataLoader(torch.utils.data.Subset(data, range(300, 500)), batch_size=100)


def classifier() -> nn.Module:
    return nn.Sequential(nn.Linear(64, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 10))


def line() -> nn.Module:
    return nn.Linear(1, 1)


def squared_error(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
    return ((model(batch["x"]) - batch["y"]) ** 2).mean()


def score(model: nn.Module) -> float:
    """Thousandfold and below 0, so that no accuracy could be meant."""
    return -1000 * squared_error(model, {"x": X, "y": 3 * X - 1}).item()


def classify(**changes: Any) -> SearchReport:
    train, validation = digits()
    return search_optimizer(classifier, train, validation, **{**QUICK, "budget": 6, **changes})


def fit_line(**changes: Any) -> SearchReport:
    values = {"train_loader": BATCHES, "loss": squared_error, "score": score, "budget": 8}
    return search_optimizer(line, **{**QUICK, **values, **changes})


def told(report: SearchReport) -> list[Any]:
    """All but the seconds."""
    candidates = [(c.proposed.text, c.reward, c.outcome, c.learning_rate) for c in report.candidates]
    return [candidates, [row.rewards for row in report.confirmations]]


def test_the_same_seed_gives_the_same_report_bit_for_bit_and_another_one_another() -> None:
    """Dropout, batch norm and the shuffled data included."""
    first = classify(seed=1)
    torch.manual_seed(99)
    assert told(classify(seed=1)) == told(first)
    assert told(classify(seed=2)) != told(first)
    assert any((candidate.reward or 0) > 0.3 for candidate in first.candidates)


def test_a_loader_with_a_generator_of_its_own_is_as_reproducible() -> None:
    train, validation = digits()
    own = DataLoader(train.dataset, batch_size=50, shuffle=True, generator=torch.Generator().manual_seed(5))
    runs = [told(search_optimizer(classifier, own, validation, **QUICK, budget=4)) for _ in range(2)]
    assert runs[0] == runs[1]


def test_the_callers_own_random_numbers_are_left_as_they_were() -> None:
    torch.manual_seed(3)
    np.random.seed(3)
    random.seed(3)
    expected = torch.rand(1), np.random.rand(), random.random()
    torch.manual_seed(3)
    np.random.seed(3)
    random.seed(3)
    fit_line(budget=3)
    assert (torch.rand(1), np.random.rand(), random.random()) == expected
    assert torch.is_grad_enabled()


def test_scores_of_any_range_are_ranked_and_the_best_is_the_highest() -> None:
    events: list[LocalEvent] = []
    report = fit_line(budget=20, confirm=0, baselines=(), on_event=events.append)
    rows = report.leaderboard()
    rewards = [row.reward for row in rows if row.candidate and row.candidate.outcome == "trained"]
    assert all(value is not None and value < 0 for value in rewards)
    assert rewards == sorted(rewards, reverse=True)
    assert report.best.reward == max(rewards)
    bests = [event.candidate.reward for event in events if isinstance(event, CandidateDone) and event.is_best]
    assert bests
    assert bests == sorted(bests)
    assert bests[-1] == max(rewards)


# Each step makes the error some hundred times larger, so that 40 of them end in infinity.
TOO_FAST: dict[str, Any] = {"train_loader": BATCHES * 10, "sweep_batches": 40, "learning_rates": (300.0, 1000.0)}


def test_a_rule_that_diverges_or_cannot_train_earns_what_an_untrained_model_does_and_not_zero() -> None:
    """Zero would be the best reward there is."""
    report = fit_line(**TOO_FAST, start=["g", "1"], budget=4)
    diverged, screened = report.candidates[:2]
    assert (diverged.outcome, screened.outcome) == ("diverged", "screened")
    assert diverged.reward == screened.reward
    assert diverged.reward is not None
    assert diverged.reward < -100
    assert report.leaderboard()[-1].candidate.outcome == "diverged"
    with_accuracy = classify(start=["1"], budget=2)
    assert with_accuracy.candidates[0].reward == 0


def test_the_best_rule_trains_the_model_it_was_searched_for() -> None:
    report = fit_line(budget=10, learning_rates=PAPER_RATES, epochs=20, start=["g"])
    torch.manual_seed(0)
    model = line()
    optimizer = report.best.optimizer(model.parameters())
    assert optimizer.param_groups[0]["lr"] == report.best.learning_rate
    with torch.no_grad():
        before = score(model)
    for _ in range(20):
        for batch in BATCHES:
            optimizer.zero_grad()
            squared_error(model, batch).backward()
            optimizer.step()
    with torch.no_grad():
        assert score(model) > before / 10


def test_a_child_goes_through_the_papers_protocol() -> None:
    """Each learning rate on the sweep's batches from fresh weights, then the best one for all epochs."""
    seen: list[tuple[int, float]] = []

    def noted(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
        seen.append((len(seen), next(iter(model.parameters())).item()))
        return squared_error(model, batch)

    start = ["g"]
    report = fit_line(loss=noted, start=start, budget=1, confirm=0, baselines=(), learning_rates=PAPER_RATES, epochs=3)
    candidate = report.candidates[0]
    stages = [(run["stage"], run["learning_rate"], len(run["curve"])) for run in candidate.runs]
    assert stages[:7] == [("sweep", rate, 1) for rate in PAPER_RATES]
    assert stages[7:] == [("final", candidate.learning_rate, 3)]
    best = max(candidate.runs[:7], key=lambda run: run["curve"][-1]["validation_accuracy"] if run["curve"] else -1e9)
    assert candidate.learning_rate == best["learning_rate"]
    assert candidate.reward == candidate.runs[7]["curve"][-1]["validation_accuracy"]
    firsts = [weight for number, weight in seen[1:] if (number - 1) % 3 == 0 and number <= 21]
    assert len(set(firsts)) == 1  # one call is the rehearsal's; every run starts from the same weights
    assert len(seen) == 1 + 7 * 3 + 3 * len(BATCHES)


def test_a_child_below_the_floor_after_its_first_epoch_is_dropped() -> None:
    report = fit_line(floor=-1e-6, budget=3, start=["g"], epochs=4)
    first = report.candidates[0]
    assert first.outcome == "dropped"
    assert len(first.runs[-1]["curve"]) == 1
    assert first.reward == first.runs[-1]["curve"][0]["validation_accuracy"]
    assert "below -1e-06" in first.reason


def test_a_loss_that_refuses_numbers_that_are_not_finite_is_the_rules_failure() -> None:
    def strict(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
        loss = squared_error(model, batch)
        if not torch.isfinite(loss):
            raise ValueError("The distribution's parameters are invalid.")
        return loss

    report = fit_line(**TOO_FAST, loss=strict, start=["g"], budget=1, confirm=0, baselines=())
    assert report.candidates[0].outcome == "diverged"
    assert "The distribution's parameters are invalid" in report.candidates[0].reason


class Endless:
    """A loader without a length."""

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        return iter(BATCHES)


@pytest.mark.parametrize("loader", [BATCHES, tuple(BATCHES), Endless()])
def test_any_iterable_of_batches_will_do(loader: Any) -> None:
    report = search_optimizer(line, loader, **QUICK, loss=squared_error, score=score, budget=3)
    assert told(report) == told(fit_line(budget=3))


def broken_after(calls: int) -> Callable[[nn.Module, dict[str, Tensor]], Tensor]:
    count = iter(range(10**6))

    def loss(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
        if next(count) >= calls:
            raise RuntimeError("no more\nof this")
        return squared_error(model, batch)

    return loss


MODEL = line()
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"make_model": MODEL}, "builds a fresh model"),
    ({"make_model": lambda: MODEL}, "same model twice"),
    ({"make_model": lambda: [1]}, "gave list, not a torch.nn.Module"),
    ({"make_model": lambda: 1 / 0}, "make_model raised ZeroDivisionError: division by zero"),
    ({"make_model": nn.ReLU}, "no parameter"),
    ({"train_loader": iter(BATCHES)}, "only once"),
    ({"train_loader": []}, "gives no batch"),
    ({"train_loader": 3}, "no iterable"),
    ({"loss": lambda model, batch: 3.0}, "The loss is float"),
    ({"loss": lambda model, batch: model(batch["x"])}, r"The loss is \(10, 1\)"),
    ({"loss": lambda model, batch: torch.zeros(())}, "backward"),
    ({"loss": broken_after(0)}, "The loss raised RuntimeError: no more"),
    ({"loss": None}, "not a pair"),
    ({"score": lambda model: None}, "The score raised TypeError"),
    ({"score": lambda model: float("nan")}, "finite"),
    ({"score": None}, "Give validation_loader"),
    ({"score": None, "validation_loader": BATCHES}, "not a pair"),
    ({"score": None, "validation_loader": [(X, X)]}, "score="),
    ({"budget": 0}, "budget: Input should be greater"),
    ({"epochs": 0}, "epochs: Input"),
    ({"learning_rates": (-1.0,)}, "learning_rates: learning rates"),
    ({"sweep_batches": 0}, "sweep_batches is 0"),
    ({"confirm": -1}, "confirm: Input"),
    ({"confirm_seeds": 0}, "confirm_seeds: Input"),
    ({"baselines": ("adamm",)}, "adamm"),
    ({"primitives": "sines"}, "there are signs"),
    ({"primitives": {"operands": ["q"], "unary": ["x"], "binary": ["+"]}}, "q"),
    ({"controller": "bandit"}, "controller: “bandit”"),
    ({"controller_settings": {"size": 3}}, "size"),
    ({"start": ["g +"]}, "tarting rule"),
    ({"device": "abacus"}, "abacus"),
]


@pytest.mark.parametrize(("change", "says"), WRONG, ids=[says for _, says in WRONG])
def test_what_cannot_work_is_said_in_a_sentence_before_anything_is_trained(change: dict[str, Any], says: str) -> None:
    events: list[LocalEvent] = []
    values = {"make_model": line, "train_loader": BATCHES, "loss": squared_error, "score": score, **QUICK, **change}
    with pytest.raises(EngineError, match=says) as raised:
        search_optimizer(**values, on_event=events.append)
    assert "\n" not in str(raised.value)
    assert events == []


def test_an_error_of_ones_own_code_is_the_cause_of_what_is_raised() -> None:
    with pytest.raises(ChildError) as raised:
        fit_line(loss=broken_after(0))
    assert isinstance(raised.value.__cause__, RuntimeError)


def test_an_error_in_mid_search_ends_it_and_what_was_found_before_is_told() -> None:
    events: list[LocalEvent] = []
    with pytest.raises(ChildError, match="The loss raised RuntimeError: no more") as raised:
        fit_line(loss=broken_after(60), budget=50, on_event=events.append)
    assert isinstance(raised.value.__cause__, RuntimeError)
    assert any(isinstance(event, CandidateDone) and event.candidate.outcome == "trained" for event in events)


def test_ctrl_c_ends_with_what_is_known_and_is_itself_again_afterwards() -> None:
    before = signal.getsignal(signal.SIGINT)

    def interrupt(event: LocalEvent) -> None:
        if isinstance(event, CandidateDone) and event.candidate.proposed.index == 4:
            signal.raise_signal(signal.SIGINT)

    report = fit_line(budget=500, on_event=interrupt)
    assert not report.is_finished
    assert 5 <= report.done < 500
    assert report.best.reward is not None
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_ctrl_c_raises_keyboard_interrupt() -> None:
    def interrupt(event: LocalEvent) -> None:
        signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # who starts tests in the background ignores it
    try:
        with pytest.raises(KeyboardInterrupt):
            fit_line(budget=500, on_event=interrupt)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_progress_bar_tells_candidates_best_and_fresh_seeds(capsys: pytest.CaptureFixture[str]) -> None:
    report = fit_line(progress=True)
    shown = capsys.readouterr().err
    assert "candidates: 100%" in shown
    assert "8/8" in shown
    top = max(candidate.reward for candidate in report.candidates if candidate.reward is not None)
    assert f"best {top:.4g}" in shown
    fresh = sum(row.seeds for row in report.confirmations)
    assert f"{fresh}/{fresh}" in shown
    fit_line(progress=False)
    assert capsys.readouterr().err == ""


def test_the_state_file_goes_on_and_another_model_is_another_search(tmp_path: Path) -> None:
    state = tmp_path / "state.jsonl"
    first = fit_line(state_file=state)

    def never(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
        if trained:
            raise AssertionError("trained again")
        trained.append(1)  # the rehearsal
        return squared_error(model, batch)

    trained: list[int] = []
    assert told(fit_line(state_file=state, loss=never)) == told(first)
    with pytest.raises(SearchStateError, match="another configuration"):
        fit_line(state_file=state, epochs=2)
    with pytest.raises(SearchStateError, match="another configuration"):
        search_optimizer(
            lambda: nn.Linear(1, 1, bias=False), BATCHES, **QUICK, loss=squared_error, score=score, budget=8,
            state_file=state,
        )  # fmt: skip


def test_the_optimizer_file_and_the_report_tell_of_the_own_model(tmp_path: Path) -> None:
    report = classify()
    report.best.save(tmp_path / "found.py")
    text = (tmp_path / "found.py").read_text()
    assert "Trained: own model Sequential with 1,242 parameters, 6 batches an epoch" in text
    assert "each tried on at most 3 batches" in text
    assert "Baseline SGD, same seeds:" in text
    assert report.to_dict()["config"]["child"] is None
    assert "digits" not in text
    assert repr(report).startswith("6 of 6 candidates done; own model")


def test_a_rule_that_decays_needs_the_length_of_the_training() -> None:
    tokens = {"operands": ["g", "ld"], "unary": ["x"], "binary": ["*", "left"]}
    report = fit_line(primitives=tokens, start=["ld * g"], budget=1, confirm=0, baselines=())
    with pytest.raises(SettingsError, match="total_steps"):
        report.best.optimizer(line().parameters())
    assert report.best.optimizer(line().parameters(), total_steps=10, lr=0.5).param_groups[0]["lr"] == 0.5


def test_confirmed_seeds_are_told_and_the_defaults_hold_against_the_papers_baselines() -> None:
    events: list[LocalEvent] = []
    values = {name: value for name, value in QUICK.items() if name not in ("confirm", "confirm_seeds", "baselines")}
    report = search_optimizer(
        line, BATCHES, **values, loss=squared_error, score=score, budget=8, on_event=events.append
    )
    assert {row.baseline for row in report.leaderboard(0)} == {"adam", "sgd", "momentum", "rmsprop"}
    assert all(row.confirmed.n == 3 for row in report.leaderboard() if row.confirmed)
    assert sum(row.confirmed is not None for row in report.leaderboard() if row.candidate) == 3
    assert len([e for e in events if isinstance(e, ConfirmationDone)]) == sum(row.seeds for row in report.confirmations)


def test_models_that_share_what_is_trained_are_refused() -> None:
    shared = nn.Linear(1, 1)
    same = {**QUICK, "train_loader": BATCHES, "loss": squared_error, "score": lambda model: 1.0, "budget": 3}
    with pytest.raises(EngineError, match="deepcopy"):
        search_optimizer(lambda: nn.Sequential(shared, nn.Linear(1, 1)), **same)
    for parameter in shared.parameters():
        parameter.requires_grad_(False)
    assert search_optimizer(lambda: nn.Sequential(shared, nn.Linear(1, 1)), **same).done == 3
