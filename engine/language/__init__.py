"""The rule language: primitives, rules, their printed forms, and the space of rules. No torch."""

from engine.language.primitives import PRIMITIVES, Parameter, Primitive
from engine.language.rule import GROUP, MAX_GROUPS, Rule
from engine.language.space import SLOTS, Space
from engine.language.tokens import parse_token

__all__ = ["GROUP", "MAX_GROUPS", "PRIMITIVES", "SLOTS", "Parameter", "Primitive", "Rule", "Space", "parse_token"]
