"""Between what is typed and what the engine's settings models take: texts, help, and errors as sentences."""

from __future__ import annotations

import re
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

WHOLE = "all"  # what people type for None where a setting allows it
NONE = "none"  # and for an empty list
YES_NO = {True: "yes", False: "no"}


def title(name: str) -> str:
    """`round_size` -> `Round size`."""
    return name.replace("_", " ").capitalize()


def base_type(field: FieldInfo) -> Any:
    """The type without `| None`: int, float, bool, a Literal or a tuple."""
    inner = [part for part in get_args(field.annotation) if part is not type(None)]
    is_optional = type(None) in get_args(field.annotation)
    return inner[0] if is_optional and get_origin(field.annotation) is not Literal else field.annotation


def is_optional(field: FieldInfo) -> bool:
    return get_origin(field.annotation) is not Literal and type(None) in get_args(field.annotation)


def choices(field: FieldInfo) -> tuple[str, ...]:
    """The values of a Literal, yes and no of a bool; empty for every other type."""
    annotation = base_type(field)
    if annotation is bool:
        return tuple(YES_NO.values())
    return tuple(map(str, get_args(annotation))) if get_origin(annotation) is Literal else ()


def is_list(field: FieldInfo) -> bool:
    return get_origin(base_type(field)) is tuple


def _is_list_of_words(field: FieldInfo) -> bool:
    return is_list(field) and get_args(base_type(field))[0] is str


def to_text(value: Any) -> str:
    """A setting's value as people type it: `1e-05, 0.001`, `all`, `0.3`."""
    if value is None:
        return WHOLE
    if isinstance(value, bool):
        return YES_NO[value]
    if isinstance(value, tuple | list):
        return ", ".join(map(to_text, value)) or NONE
    if isinstance(value, float):
        return re.sub(r"e\+?(-?)0*", r"e\1", f"{value:g}")
    return str(value)


def to_value(text: str, field: FieldInfo) -> Any:
    """What the model validates. A number that cannot be read stays a text, which the model refuses."""
    if is_list(field):
        if text.casefold() == NONE:
            return []
        return [part for part in re.split(r"[,;\s]+", text) if part]
    if is_optional(field) and text.casefold() == WHOLE:
        return None
    # 10,000 and 10 000 are how people write ten thousand.
    return re.sub(r"(?<=\d)[,  ](?=\d{3}(\D|$))", "", text) if base_type(field) is int else text


def allowed(field: FieldInfo) -> str:
    """`a whole number from 1 to 1,000`; empty when there is nothing to say."""
    if options := choices(field):
        return f"one of {', '.join(options)}"
    if is_list(field):
        return "" if _is_list_of_words(field) else "numbers above 0, separated by commas"
    kind = {int: "a whole number", float: "a number"}.get(base_type(field), "")
    text = " ".join(part for part in (kind, bounds(field)) if part)
    return f"{text}, or “{WHOLE}”" if text and is_optional(field) else text


def bounds(field: FieldInfo) -> str:
    limits: dict[str, float] = {}
    for rule in field.metadata:
        limits |= {key: getattr(rule, key) for key in ("gt", "ge", "lt", "le") if hasattr(rule, key)}
    found = [f"{word} {_number(limits[key])}" for key, word in _BOUNDS.items() if key in limits]
    if len(found) == 2 and "ge" in limits and "le" in limits:
        return " ".join(found).replace("at most", "to")
    return ", ".join(found) + (" up" if found and "ge" in limits and len(found) == 1 else "")


_BOUNDS = {"gt": "above", "ge": "from", "lt": "below", "le": "at most"}


def _number(value: float) -> str:
    if value == 2**63 - 1:
        return "2⁶³ − 1"
    return f"{value:,}" if isinstance(value, int) and abs(value) < 10**15 else f"{value:g}"


def sentence(error: ErrorDetails, field: FieldInfo | None, typed: str) -> str:
    """What is wrong and what is allowed, in the words of the screen."""
    message = error["msg"].removeprefix("Value error, ").rstrip(".")
    if error["type"] == "value_error" or field is None or not allowed(field):
        return f"{message[:1].upper()}{message[1:]}."
    shown = typed if len(typed) <= 40 else f"{typed[:40]}…"
    return f"“{shown}” is not allowed here; allowed: {allowed(field)}."
