"""A rule's text: what reads, what it means, and how it says what is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import RuleError
from engine.language import Rule
from tests.engine.strategies import rules


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("exp(sign(g)*sign(m)) * g", "exp(sign(g) * sign(m)) * g"),
        ("e^(sign(g)*sign(m)) · g", "exp(sign(g) * sign(m)) * g"),
        ("g − m", "g - m"),
        ("-g^2", "-g^2"),
        ("g**2", "g^2"),
        ("g - (m - v)", "g - (m - v)"),
        ("g / m / v", "g / m / v"),
        ("g / (m * v)", "g / (m * v)"),
        ("(g ^ m) ^ v", "(g^m)^v"),
        ("g ^ m ^ v", "g^(m^v)"),
        ("clip(rmsprop, 1e-5)", "clip(rmsprop, 1e-5)"),
        ("a = drop(g, 0.3); a * a", "a = drop(g, 0.3); a * a"),
        ("m(0.9) + m(0.5)", "m + m(0.5)"),
        ("0.0001", "1e-4"),
    ],
)
def test_a_rule_is_read_and_written_in_one_way(written: str, meant: str) -> None:
    assert Rule.parse(written).text == meant


@pytest.mark.parametrize(
    ("text", "position", "says"),
    [
        ("", 0, "empty"),
        ("foo * g", 0, "Unknown name"),
        ("g + ", 3, "should stand here"),
        ("g)", 1, "should end here"),
        ("clip(g, -1)", 0, "limit is -1"),
        ("clip(g, m)", 0, "plain numbers"),
        ("g $ m", 2, "no meaning"),
        ("((g)", 4, "is missing"),
        ("exp(g, m)", 0, "takes an argument"),
        ("exp()", 4, "should stand here"),
        ("m(2)", 0, "allowed is"),
        ("e * g", 0, "only before ^"),
        ("g = m; g", 0, "taken"),
        ("a = m a", 6, "is missing"),
        ("(" * 100 + "g" + ")" * 100, None, "nested"),
        ("g^" * 100 + "g", None, "nested"),
        ("-" * 100 + "g", None, "minus signs"),
        ("g+" * 3000 + "g", 4000, "4,000"),
        ("g+" * 900 + "g", None, "250 binary"),
        ("g*" * 900 + "g", None, "250 binary"),
        ("g - -" * 500 + "g", None, "250 binary"),
    ],
)
def test_a_wrong_rule_says_where_and_what(text: str, position: int | None, says: str) -> None:
    with pytest.raises(RuleError, match=r".") as caught:
        Rule.parse(text)
    assert says in str(caught.value)
    if position is not None:
        assert caught.value.position == position


@given(st.text(max_size=60) | st.text("gmv()+-*/^ex;=#,.123 ", max_size=60))
def test_any_text_is_a_rule_or_a_rule_error(text: str) -> None:
    try:
        rule = Rule.parse(text)
    except RuleError:
        return
    assert Rule.parse(rule.text).text == rule.text


@given(rules())
def test_what_is_printed_parses_back_to_the_same_rule(rule: Rule) -> None:
    assert Rule.parse(rule.text).canonical == rule.canonical
    assert Rule.parse(rule.canonical.text).text == rule.canonical.text
