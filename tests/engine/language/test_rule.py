"""Tokens, groups, printed forms, and the size of a space."""

import itertools
from xml.etree import ElementTree

import pytest
from hypothesis import given

from engine.errors import RuleError
from engine.language import PRIMITIVES, Rule, Space, parse_token
from engine.registry import PRIMITIVE_SETS
from tests.engine.strategies import every_primitive, rules, token_lists

POWERSIGN = ["g", "m", "sign", "sign", "*", "#1", "g", "exp", "x", "*"]


def test_groups_of_tokens_make_the_rule_of_the_paper() -> None:
    assert Rule.from_tokens(POWERSIGN).canonical == Rule.parse("exp(sign(g)*sign(m)) * g").canonical


def test_a_group_result_used_twice_is_one_draw_and_two_drops_are_two() -> None:
    shared = Rule.from_tokens(["g", "g", "drop(0.3)", "x", "left", "#1", "#1", "x", "x", "*"])
    twice = Rule.from_tokens(["g", "g", "drop(0.3)", "drop(0.3)", "*"])
    assert shared.canonical.text == "a = drop(g, 0.3); a * a"
    assert twice.canonical.text == "drop(g, 0.3) * drop(g, 0.3)"


@pytest.mark.parametrize(
    ("tokens", "says"),
    [
        ([], "groups"),
        (POWERSIGN[:-1], "groups"),
        (["g"] * 45, "groups"),
        (["#1", "g", "x", "x", "+"], "earlier groups"),
        (["g", "g", "tan", "x", "+"], "unary"),
        (["g", "g", "x", "x", "exp"], "binary"),
        (["g", "nabla", "x", "x", "+"], "Unknown name"),
        (["g", "g", "clip(-1)", "x", "+"], "limit"),
        (["g", "g", "clip(a)", "x", "+"], "plain numbers"),
    ],
)
def test_wrong_tokens_say_what_is_wrong(tokens: list[str], says: str) -> None:
    with pytest.raises(RuleError, match=says):
        Rule.from_tokens(tokens)


@given(rules())
def test_mathml_is_well_formed_and_latex_is_balanced(rule: Rule) -> None:
    assert ElementTree.fromstring(rule.mathml).tag == "{http://www.w3.org/1998/Math/MathML}math"
    assert rule.latex.count("{") == rule.latex.count("}")
    assert rule.latex.count(r"\left") == rule.latex.count(r"\right")


@pytest.mark.parametrize("text", every_primitive())
def test_every_primitive_prints_in_every_form(text: str) -> None:
    rule = Rule.parse(text)
    ElementTree.fromstring(rule.mathml)
    assert rule.latex
    assert "{" not in rule.text


def test_every_primitive_explains_itself() -> None:
    for row in PRIMITIVES.values():
        assert row.title
        assert row.help.endswith(".")
        for parameter in row.parameters:
            assert parameter.help
            assert parameter.accepts(parameter.default)


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("exp(sign(g)) * g", r"e^{\mathrm{sign}\left(g\right)} \cdot g"),
        ("(g + m) * v", r"\left(g + \hat{m}\right) \cdot \hat{v}"),
        ("g / (m + v)", r"\frac{g}{\hat{m} + \hat{v}}"),
        ("w(1e-4)", "10^{-4} w"),
        ("m(0.5)", r"{\hat{m}}_{0.5}"),
        ("-(g - m)", r"-\left(g - \hat{m}\right)"),
    ],
)
def test_latex_reads_like_the_paper(text: str, latex: str) -> None:
    assert Rule.parse(text).latex == latex


@pytest.mark.parametrize("name", PRIMITIVE_SETS)
def test_presets_are_written_in_the_one_form(name: str) -> None:
    preset = PRIMITIVE_SETS[name]
    space = Space(preset.operands, preset.unary, preset.binary, 2)
    assert len(space.operands) == len(preset.operands)
    assert [parse_token(t, "unary") for t in preset.unary] == list(space.unary)


def test_the_size_of_a_space_is_the_number_of_its_token_strings() -> None:
    space = Space(["g", "m"], ["x", "exp"], ["+"], 2)
    strings = list(itertools.product(*(space.choices(slot) for slot in range(len(space.slots)))))
    assert space.size == len(strings) == (2 * 2 * 2 * 2) * (3 * 3 * 2 * 2)
    assert all(Rule.from_tokens(string).text for string in strings[:50])


def test_an_empty_kind_or_too_many_groups_are_refused() -> None:
    with pytest.raises(RuleError, match="no unary function"):
        Space(["g"], [], ["+"], 1)
    with pytest.raises(RuleError, match="1 to 5"):
        Space(["g"], ["x"], ["+"], 9)


@given(token_lists("paper"))
def test_rules_are_immutable_values(tokens: list[str]) -> None:
    assert Rule.from_tokens(tokens) == Rule.from_tokens(tokens)
    assert hash(Rule.from_tokens(tokens)) == hash(Rule.from_tokens(tokens))


@pytest.mark.parametrize("link", [" + ", " * ", " - ", " / "])
def test_the_longest_chain_that_is_read_can_be_walked(link: str) -> None:
    rule = Rule.parse(link.join(["m"] * 251))
    assert rule.latex
    assert rule.mathml
    assert rule.canonical.canonical == rule.canonical
    assert Rule.parse(rule.canonical.text).fingerprint == rule.fingerprint


def test_an_operand_of_a_set_is_a_small_expression() -> None:
    with pytest.raises(RuleError, match="at most 8"):
        Space(["g", "g + m + v + g + m"], ["x"], ["+"], 1)


@given(token_lists("paper-decays", max_groups=5))
def test_the_canonical_text_of_any_rule_of_a_space_is_read_again(tokens: list[str]) -> None:
    rule = Rule.from_tokens(tokens).canonical
    assert Rule.parse(rule.text).fingerprint == rule.fingerprint
