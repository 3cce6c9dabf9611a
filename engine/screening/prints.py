"""The fingerprint by which a search knows a rule again."""

from __future__ import annotations

from engine.config import ScreeningConfig
from engine.language import Rule
from engine.screening.facts import facts_of


def probe_fingerprint(rule: Rule) -> str:
    """16 hex digits; rules that compute the same thing on the probes have the same ones."""
    return facts_of(rule.canonical).print


def fingerprint(rule: Rule, config: ScreeningConfig) -> str:
    """What a candidate is known by: its probe print, or with that switched off the algebraic ``Rule.fingerprint``.

    One of the two is enough: rules that are algebraically equal are probed in the same canonical form.
    """
    by_probes = config.enabled and config.equal_by_probes
    return probe_fingerprint(rule) if by_probes else rule.fingerprint
