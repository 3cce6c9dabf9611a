"""What a configuration says about the rules that may be proposed, for one space: masks, and the rules to start with."""

from __future__ import annotations

from functools import lru_cache

from engine.config.controller import ControllerConfig
from engine.config.prior_checks import violation
from engine.config.prior_masks import PriorMasks, Row
from engine.config.priors import PriorsConfig
from engine.config.rule_writing import shortened, write_rule
from engine.errors import RuleError, SettingsError
from engine.language import Rule, Space


def prior_masks(space: Space, config: ControllerConfig) -> PriorMasks | None:
    """The masks of the priors, None when there are no priors.

    Raises:
        SettingsError: no rule can obey them, or a starting rule does not.
    """
    if not config.priors.is_active:
        return None
    return PriorMasks(space, config.priors, start_rows(space, config))


def start_rows(space: Space, config: ControllerConfig) -> tuple[Row, ...]:
    """The starting rules as indices into `space.choices(slot)`, in their order.

    Raises:
        SettingsError: the space cannot write one, or it does not obey the priors; the message says which and why.
    """
    return _start_rows(space, config.priors, config.start_rules)


def check_proposals(space: Space, config: ControllerConfig) -> None:
    """Whether the space holds a rule that obeys the priors, and all starting rules.

    Raises:
        SettingsError: it does not; the message says why.
    """
    _check_priors(space, config.priors)
    start_rows(space, config)


@lru_cache(maxsize=256)
def _check_priors(space: Space, priors: PriorsConfig) -> None:
    if priors.is_active and not PriorMasks(space, priors).any_rule:
        raise SettingsError(
            f"No group of these tokens makes a rule that {_asked(priors)}: choose other tokens, or ask for less."
        )


def _asked(priors: PriorsConfig) -> str:
    asked = [
        "uses a gradient" if priors.uses_gradient else "",
        "repeats no unary function" if priors.no_repeated_unary else "",
        f"has a complexity of at most {priors.max_complexity}" if priors.max_complexity is not None else "",
    ]
    return " and ".join(filter(None, asked))


@lru_cache(maxsize=256)
def _start_rows(space: Space, priors: PriorsConfig, texts: tuple[str, ...]) -> tuple[Row, ...]:
    masks = PriorMasks(space, priors)
    return tuple(_start_row(number, Rule.parse(text), masks) for number, text in enumerate(texts, 1))


def _start_row(number: int, rule: Rule, masks: PriorMasks) -> Row:
    fault = violation(rule, masks.priors)
    if fault:
        raise SettingsError(f"Starting rule {number}, “{shortened(rule.text)}”, {fault}; the priors forbid that.")
    try:
        return write_rule(rule, masks.space, masks.obeys)
    except RuleError as error:
        raise SettingsError(f"Starting rule {number}: {error}") from None
