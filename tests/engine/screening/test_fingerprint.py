"""Rules that compute the same have one print, others do not, and a print stays the same."""

from collections.abc import Iterator

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.config import ScreeningConfig
from engine.language import Rule
from engine.presets import NAMED_RULES
from engine.registry import PRIMITIVE_SETS
from engine.screening import fingerprint, probe_fingerprint
from engine.screening.facts import facts_of, probes
from engine.screening.fingerprint import print_of
from engine.screening.outputs import outputs
from tests.engine.strategies import rules, token_lists

ONE = [
    ("g * 1", "g"),
    ("g + g", "2 * g"),
    ("sign(g) * sign(g) * g", "g"),
    ("sqrt(g^2) * sign(g)", "g"),
    ("g^2 * sign(g)", "g * sqrt(g^2)"),
    ("sqrt(g) * sqrt(g)", "sqrt(g^2)"),
    ("exp(log(g))", "sqrt(g^2)"),
    ("exp(g) * exp(m)", "exp(g + m)"),
    ("exp(g)^2", "exp(g + g)"),
    ("log(exp(sign(g)))", "sign(g)"),
    ("log(exp(w))", "w"),
    ("sign(sqrt(g^2) * m)", "sign(g^2 * m)"),
    ("clip(sign(g), 2) * m", "sign(g) * m"),
    ("clip(clip(g, 1e-3) + 0, 1e-3)", "clip(g, 1e-3)"),
    ("g / 1", "g"),  # 1 + 10⁻⁸
    ("cd(0.5) * g", "rd(1) * g"),  # they part only at t = T, after the last step
    ("drop(g, 0.3) * sign(g)^2", "drop(g, 0.3)"),
    ("noise * exp(log(2))", "2 * noise"),
]

NOT_ONE = [
    ("g", "-g"),
    ("g", "2 * g"),
    ("g", "1.00001 * g"),
    ("g", "g + w(1e-4)"),
    ("g", "g + g^3"),
    ("g", "clip(g, 10)"),
    ("clip(g, 1e-5)", "1e-5 * sign(g)"),
    ("m", "m(0.91)"),
    ("v", "v(0.9991)"),
    ("adam", "rmsprop"),
    ("adam", "adam(0.9, 0.999, 1e-7)"),
    ("drop(g, 0.3)", "drop(g, 0.32)"),
    ("drop(g, 0.1)", "g"),
    ("noise", "noise(0.0101)"),
    ("noise", "anneal"),
    ("ld * g", "cd * g"),
    ("cd(1) * g", "cd(7) * g"),
    ("cd(1) * g", "cd(9) * g"),
    ("rd(2) * g", "rd(10) * g"),
    ("sign(g) * sign(g) * m", "m"),  # not the same where the gradient is 0
    ("1 / sign(g)", "sign(g)"),  # 10⁸ there
    ("m", "gamma"),
    ("exp(g)", "1 + g"),
    ("log(g)", "log(m)"),
    ("log(exp(g))", "log(g)"),
]


@pytest.mark.parametrize(("one", "other"), ONE)
def test_rules_that_compute_the_same_have_one_print(one: str, other: str) -> None:
    assert probe_fingerprint(Rule.parse(one)) == probe_fingerprint(Rule.parse(other))


@pytest.mark.parametrize(("one", "other"), NOT_ONE)
def test_near_misses_have_prints_of_their_own(one: str, other: str) -> None:
    assert probe_fingerprint(Rule.parse(one)) != probe_fingerprint(Rule.parse(other))


def test_named_rules_are_all_different() -> None:
    """But for cosine and restart decays with half and one period, which part only after the last step."""
    prints: dict[str, list[str]] = {}
    for name, row in NAMED_RULES.items():
        prints.setdefault(probe_fingerprint(row.rule), []).append(name)
    together = [names for names in prints.values() if len(names) > 1]
    assert all(len(names) == 2 and {name[-3:] for name in names} == {"-cd", "-rd"} for names in together)


@settings(max_examples=100)
@given(token_lists("paper-decays", 2), st.data())
def test_algebraically_equal_rules_have_one_print(tokens: list[str], data: st.DataObject) -> None:
    """Terms change places, and the result passes through groups that do nothing."""
    groups = [tokens[start : start + 5] for start in range(0, len(tokens), 5)]
    has_draw = any("drop" in token for token in tokens)
    turned = [
        [b, a, v, u, f] if f in "+*" and not has_draw and data.draw(st.booleans()) else [a, b, u, v, f]
        for a, b, u, v, f in groups
    ]
    idle = [[f"#{len(groups)}", "m", "x", "exp", "left"], [f"#{len(groups) + 1}", "1", "-x", "sign", "*"]]
    back = [f"#{len(groups) + 2}", "2", "-x", "x", "left"]
    same = [token for group in (*turned, *idle, back) for token in group]
    assert probe_fingerprint(Rule.from_tokens(same)) == probe_fingerprint(Rule.from_tokens(tokens))


@settings(max_examples=100)
@given(rules("signs", 2))
def test_a_rule_as_written_and_in_canonical_form_compute_the_same_numbers(rule: Rule) -> None:
    """Two groups: with three, what is 0 by algebra can be a rounding error as written, such as (g + m) − g − m."""
    written, canonical = (outputs(form, probes()) for form in (rule, rule.canonical))
    finite = torch.isfinite(written) & torch.isfinite(canonical)
    size = written[finite].abs().amax() if bool(finite.any()) else torch.tensor(0.0)
    torch.testing.assert_close(written[finite], canonical[finite], rtol=1e-9, atol=float(size) * 1e-12)


@pytest.fixture
def other_processor() -> Iterator[None]:
    """Another number of threads, and denormal numbers flushed to 0, as the trainer has it."""
    threads = torch.get_num_threads()
    torch.set_num_threads(3)
    torch.set_flush_denormal(True)
    yield
    torch.set_flush_denormal(False)
    torch.set_num_threads(threads)


def test_prints_do_not_depend_on_threads_or_denormal_numbers(other_processor: None) -> None:
    texts = [*(row.text for row in NAMED_RULES.values()), "g^3 * g^3 * g^3 * g^3", "exp(-1 / (g^2 + 1e-4))"]
    here = [print_of(outputs(Rule.parse(text).canonical, probes()), probes()) for text in texts]
    torch.set_flush_denormal(False)
    torch.set_num_threads(1)
    assert here == [print_of(outputs(Rule.parse(text).canonical, probes()), probes()) for text in texts]


@pytest.mark.parametrize("preset", ["signs", "paper"])
def test_prints_survive_errors_of_the_last_bits(preset: str) -> None:
    """Another processor's exponential may differ in the last bit."""
    noise = torch.Generator().manual_seed(1)
    primitives = PRIMITIVE_SETS[preset]
    for operand in primitives.operands:
        for unary in primitives.unary:
            updates = outputs(Rule.from_tokens([operand, operand, unary, "x", "left"]).canonical, probes())
            wrong = updates * (1 + 1e-15 * torch.randn(updates.shape, dtype=torch.float64, generator=noise))
            assert print_of(wrong, probes()) == print_of(updates, probes())


def test_zero_minus_zero_and_numbers_that_are_none_have_their_own_codes() -> None:
    zeros = torch.zeros_like(probes().gradients)
    ends = [zeros + value for value in (0.0, 1.0, float("nan"), float("inf"), -float("inf"))]
    assert len({print_of(values, probes()) for values in ends}) == 5
    assert print_of(-zeros, probes()) == print_of(zeros, probes())
    assert print_of(-ends[2], probes()) == print_of(ends[2], probes())
    huge, tiny = zeros + 1e308, zeros + 1e-300
    assert print_of(huge, probes()) != print_of(huge / 2, probes())
    assert print_of(tiny, probes()) == print_of(zeros, probes())


def test_a_print_never_changes() -> None:
    """Databases and state files hold them."""
    facts_of.cache_clear()
    prints = {
        text: probe_fingerprint(Rule.parse(text)) for text in ("g", "exp(sign(g)*sign(m)) * g", "drop(adam, 0.3)")
    }
    assert prints == {
        "g": "b0078c7371d10d1b",
        "exp(sign(g)*sign(m)) * g": "b195cc10b85eeaf7",
        "drop(adam, 0.3)": "9b087dad5092a9d8",
    }


def test_without_probes_a_rule_is_known_by_its_algebra() -> None:
    rule = Rule.parse("sign(g) * sign(g) * g")
    assert fingerprint(rule, ScreeningConfig()) == probe_fingerprint(Rule.parse("g"))
    for off in ({"enabled": False}, {"equal_by_probes": False}):
        assert fingerprint(rule, ScreeningConfig.model_validate(off)) == rule.fingerprint
