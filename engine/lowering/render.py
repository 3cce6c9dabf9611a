"""Steps as lines of Python: a list that is read for the last time is overwritten, or deleted."""

from __future__ import annotations

from collections import Counter

from engine.lowering.calls import Call, Step

_COMMUTE = {"add", "mul"}


def rendered(steps: list[Step], result: str) -> list[str]:
    """The lines of a function's body that returns the list ``result``."""
    uses = Counter(name for step in steps for name in set(_reads(step)))
    uses[result] += 1
    made = {step.target for step in steps if isinstance(step, Call) and step.target}
    names: dict[str, str] = {}  # What a list is called that took the place of another.
    lines = []
    for step in steps:
        uses.subtract(set(_reads(step)))
        dead = [name for name in _reads(step) if name in made and not uses[name]]
        lines.append(_line(step, dead, names))
        lines += [f"del {names.get(name, name)}" for name in dict.fromkeys(dead) if _is_free(name, step, names)]
    return [*lines, f"return {names.get(result, result)}"]


def _reads(step: Step) -> tuple[str, ...]:
    return step.arguments if isinstance(step, Call) else ()


def _line(step: Step, dead: list[str], names: dict[str, str]) -> str:
    if not isinstance(step, Call):
        return step.text
    arguments = list(step.arguments)
    if step.function in _COMMUTE and arguments[0] not in dead and arguments[1] in dead:
        arguments.reverse()
    first, *others = (names.get(name, name) for name in arguments)
    written = ", ".join([first, *others])
    if not step.target:
        return f"torch._foreach_{step.function}({written})"
    if arguments[0] in dead:
        names[step.target] = first
        return f"torch._foreach_{step.function}_({written})"
    return f"{step.target} = torch._foreach_{step.function}({written})"


def _is_free(name: str, step: Step, names: dict[str, str]) -> bool:
    """Whether nothing took the place of a list that is read no more."""
    return not (isinstance(step, Call) and step.target and names.get(step.target) == names.get(name, name))
