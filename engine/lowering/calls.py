"""The steps of a lowered rule, before they are text."""

from __future__ import annotations

from typing import NamedTuple


class Call(NamedTuple):
    """``target = torch._foreach_<function>(*arguments)``; without a target, in place on the first argument."""

    target: str
    function: str
    arguments: tuple[str, ...]


class Line(NamedTuple):
    """A line of Python that neither reads nor makes a list of tensors."""

    text: str


Step = Call | Line
