"""Writes a rule as one Python file: a torch optimizer that needs nothing but torch.

Only strings from the table of primitives go into the code, never a text that a user typed; what is told of the rule's
origin stands in comments, with control characters replaced.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping

from engine.errors import SettingsError
from engine.export_parts import HELPERS, TEMPLATE, USAGE_TOTAL
from engine.language import Rule, printer
from engine.language.averages import Average, of_signs_only, of_tree
from engine.language.tree import Node, Operand, is_draw, walk


def export_rule(
    rule: Rule,
    *,
    class_name: str = "DiscoveredOptimizer",
    learning_rate: float | None = None,
    origin: Mapping[str, str] | None = None,
) -> str:
    """The source text of an optimizer file that computes what RuleOptimizer computes for this rule.

    Args:
        class_name: a Python identifier.
        learning_rate: the default of ``lr``; 1e-3 where nothing is known.
        origin: lines for the header, such as where the rule was found and how it was measured.

    Raises:
        SettingsError: the class name is no identifier.
    """
    if not class_name.isidentifier() or keyword.iskeyword(class_name) or not class_name.isascii():
        raise SettingsError(f"“{class_name}” is no name for a Python class; use letters, digits and _.")
    body = _update_lines(rule)
    helpers = _helpers(body)
    return TEMPLATE.format(
        text=rule.text,
        latex=rule.latex,
        origin="".join(f"# {_plain(key)}: {_plain(value)}\n" for key, value in (origin or {}).items()),
        class_name=class_name,
        imports="import math\n" if "math." in helpers else "",
        learning_rate=repr(1e-3 if learning_rate is None else float(learning_rate)),
        total_argument=", total_steps=1000" if rule.needs_total_steps else "",
        total_note=USAGE_TOTAL if rule.needs_total_steps else "",
        total_check=_total_check(rule),
        averages=repr(tuple(average.key for average in of_tree(rule.tree))),
        body=body,
        generator=_generator(rule),
        helpers=helpers,
    )


def file_name(rule: Rule) -> str:
    """A short name that is the same for the same rule."""
    return f"optimizer_{rule.fingerprint[:8]}.py"


def _plain(value: str) -> str:
    return re.sub(r"[^\x20-\x7e\xa0-\u2027\u202f-\uffff]", " ", str(value))[:300]


def _update_lines(rule: Rule) -> str:
    """Averages first, then each random draw in the order in which the interpreter draws it, then the expression."""
    signs_only = of_signs_only(rule.tree)
    lines = [_average_line(average, signs_only) for average in of_tree(rule.tree)]
    names: dict[Node, str] = {}
    for node in walk(rule.tree):
        if node not in names and _is_random(node):
            written = printer.write(node, "python", names)
            name = f"{node.name}_{sum(other.name == node.name for other in names) + 1}"
            lines.append(f"{name} = {written}")
            names[node] = name
    lines.append(f"return {printer.write(rule.tree, 'python', names)}")
    return "\n".join(f"        {line}" for line in lines)


def _is_random(node: Node) -> bool:
    return is_draw(node) or (isinstance(node, Operand) and "random" in node.primitive.needs)


def _average_line(average: Average, signs_only: set[Average]) -> str:
    name, value = average.key.replace(".", "_"), " * ".join(["g"] * average.power)
    running = f'averages["{average.key}"], {value}, {average.beta!r}'
    if average in signs_only:
        return f"{name} = running_average({running})  # only its sign is used, which bias correction would not change"
    return f"{name} = corrected_average({running}, t + 1)"


def _helpers(body: str) -> str:
    """The helper functions that the file uses, in their order."""
    return "".join(source for name, source in HELPERS.items() if name == "parts" or _calls(body, name))


def _calls(body: str, name: str) -> bool:
    needed = {"generator": "generator)", "running_average": "_average("}.get(name, f"{name}(")
    return needed in body


def _generator(rule: Rule) -> str:
    if not rule.uses("random"):
        return "None"
    return 'generator_for(p.device, draw_seed(group["seed"], index, t))'


def _total_check(rule: Rule) -> str:
    if not rule.needs_total_steps:
        return ""
    return (
        "        if total_steps is None:\n"
        '            raise ValueError("The rule decays: give total_steps, the number of steps of the training.")\n'
    )
