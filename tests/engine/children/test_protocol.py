"""The protocol's decisions: which learning rate, what reward, and a reason that people can read."""

import pytest

from engine.children import protocol
from engine.children.results import ChildResult, EpochPoint, RunRecord
from engine.registry import Protocol


def run(rate: float, accuracy: float, loss: float = 1.0, outcome: str = "trained", stage: str = "sweep") -> RunRecord:
    curve = () if outcome == "diverged" else (EpochPoint(1.0, loss, accuracy),)
    return RunRecord(stage, rate, outcome, f"{outcome}.", 0.5, curve)


def test_the_most_accurate_learning_rate_is_chosen():
    assert protocol.choose_learning_rate([run(0.1, 0.4), run(1.0, 0.7), run(10.0, 0.2)]) == 1.0


def test_of_equally_accurate_rates_the_lower_loss_wins_then_the_smaller_rate():
    assert protocol.choose_learning_rate([run(0.1, 0.5, loss=2.0), run(1.0, 0.5, loss=1.0)]) == 1.0
    assert protocol.choose_learning_rate([run(1.0, 0.5), run(0.1, 0.5)]) == 0.1


def test_a_diverged_rate_is_never_chosen():
    assert protocol.choose_learning_rate([run(0.1, 0.0), run(1.0, 0.9, outcome="diverged")]) == 0.1


def test_a_child_that_diverged_everywhere_has_reward_zero_and_says_so():
    sweep = [run(rate, 0.0, outcome="diverged") for rate in (0.1, 1.0)]
    assert protocol.choose_learning_rate(sweep) is None
    result = protocol.diverged_everywhere(sweep, 2.0)
    assert (result.reward, result.outcome, result.learning_rate) == (0.0, "diverged", None)
    assert "all 2 learning rates" in result.reason


def test_a_final_training_that_diverges_has_reward_zero_although_it_once_was_good():
    good = EpochPoint(1.0, 0.5, 0.8)
    final = RunRecord("final", 0.1, "diverged", "Diverged.", 1.0, (good,))
    result = protocol.judge([run(0.1, 0.4)], [final], 2.0)
    assert (result.reward, result.outcome, result.learning_rate) == (0.0, "diverged", 0.1)


@pytest.mark.parametrize("outcome", ["trained", "dropped"])
def test_the_reward_is_the_last_accuracy_and_the_reason_tells_the_choice(outcome):
    result = protocol.judge([run(0.1, 0.4), run(1.0, 0, outcome="diverged")], [run(0.1, 0.6, 1, outcome, "final")], 2.0)
    assert result.reward == 0.6
    assert result.outcome == outcome
    assert "0.1 was the best of 2" in result.reason
    assert "1 diverged" in result.reason
    assert [r.stage for r in result.runs] == ["sweep", "sweep", "final"]


def test_with_several_seeds_the_reward_is_the_mean_and_the_reason_tells_the_spread():
    finals = [run(0.1, accuracy, stage="final") for accuracy in (0.5, 0.6, 0.7)]
    result = protocol.judge([run(0.1, 0.4)], finals, 2.0)
    assert result.reward == pytest.approx(0.6)
    assert "0.600 over 3 seeds, standard deviation 0.100 (0.500, 0.600, 0.700)." in result.reason
    assert [r.stage for r in result.runs] == ["sweep", "final", "final", "final"]


def test_a_seed_that_diverges_counts_zero_and_one_that_is_dropped_its_accuracy():
    lost = RunRecord("final", 0.1, "diverged", "Diverged.", 1.0, (EpochPoint(1.0, 0.5, 0.9),))
    finals = [lost, run(0.1, 0.6, stage="final"), run(0.1, 0.3, outcome="dropped", stage="final")]
    result = protocol.judge([run(0.1, 0.4)], finals, 2.0)
    assert result.reward == pytest.approx(0.3)
    assert result.outcome == "trained"
    assert "(0.000, 0.600, 0.300); 1 diverged; 1 dropped." in result.reason


@pytest.mark.parametrize(
    ("outcomes", "expected"), [(("diverged", "diverged"), "diverged"), (("diverged", "dropped"), "dropped")]
)
def test_a_child_that_no_seed_trained_is_no_trained_child(outcomes, expected):
    finals = [run(0.1, 0.2, outcome=outcome, stage="final") for outcome in outcomes]
    assert protocol.judge([run(0.1, 0.4)], finals, 2.0).outcome == expected


def test_a_child_that_diverged_everywhere_tells_what_happened_at_the_smallest_rate():
    plan = protocol.RunPlan(12, 1)
    sweep = [
        RunRecord("sweep", rate, "diverged", protocol.diverged_reason(step, "the loss was NaN", plan), 1.0)
        for rate, step in ((0.1, 9), (1.0, 2))
    ]
    told = protocol.diverged_everywhere(sweep, 2.0).reason
    assert told == "Diverged at all 2 learning rates, at 0.1 by step 9 of 12 the loss was NaN."
    assert protocol.diverged_everywhere(sweep[1:], 2.0).reason == (
        "Diverged at learning rate 1 by step 2 of 12 the loss was NaN."
    )


def test_a_sweep_sees_no_more_than_there_is_and_says_which_share():
    paper = Protocol()
    assert protocol.sweep_plan(paper, 45_000) == protocol.RunPlan(100, 1, share=10_000 / 45_000)
    assert protocol.sweep_plan(paper, 1297) == protocol.RunPlan(12, 1, share=1.0)


def test_decays_run_over_the_run_at_hand():
    paper = Protocol()
    assert protocol.sweep_plan(paper, 45_000).total_steps == 100
    assert protocol.final_plan(paper, 45_000).total_steps == 5 * 450


def test_a_minibatch_larger_than_the_data_is_one_step():
    assert protocol.final_plan(Protocol(batch_size=10_000), 1297).steps == 1


def test_results_survive_json():
    result = protocol.judge([run(0.1, 0.4), run(1.0, 0, outcome="diverged")], [run(0.1, 0.6, stage="final")], 2.0)
    assert ChildResult.from_dict(result.to_dict()) == result
