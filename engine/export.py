"""Writes a rule as one Python file: a torch optimizer that needs nothing but torch.

Only strings from the table of primitives go into the code, never a text that a user typed; what is told of the rule's
origin stands in comments, with control characters replaced.
"""

from __future__ import annotations

import builtins
import keyword
import re
import textwrap
from collections.abc import Mapping

from engine import export_parts as parts
from engine.errors import SettingsError
from engine.export_class import NAMES, TEMPLATE
from engine.export_helpers import HELPERS
from engine.language import Rule, printer
from engine.language.averages import Average, of_signs_only, of_tree
from engine.language.tree import Node, Operand, is_draw, walk
from engine.lowering import list_lines

_LONG, _PART = 100, 45  # Characters: of an expression that is written in parts, and of a part.
_LONG_TITLE = 70


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
        SettingsError: the class name is no identifier, or one that the file uses itself.
    """
    if not class_name.isidentifier() or keyword.iskeyword(class_name) or not class_name.isascii():
        raise SettingsError(f"“{class_name}” is no name for a Python class; use letters, digits and _.")
    if class_name in {*NAMES, *HELPERS, *dir(builtins)}:
        raise SettingsError(f"“{class_name}” has a meaning in the file itself; choose another class name.")
    marks = {
        "text": _comment("update: ", rule.text),
        "latex": _comment("LaTeX:  ", rule.latex),
        "origin": _origin(origin or {}),
        "class_name": class_name,
        "learning_rate": repr(1e-3 if learning_rate is None else float(learning_rate)),
        "averages": _averages(rule),
        "title": _title(rule),
        "body": _indented(_update_lines(rule)),
        **_total_marks(rule),
        **_list_marks(rule),
    }
    marks["helpers"] = _helpers(marks["body"] + marks["list_method"] + marks["generator"])
    marks["imports"] = "import math\n" if "math." in marks["helpers"] else ""
    return _filled(TEMPLATE, marks)


def file_name(rule: Rule) -> str:
    """A short name that is the same for the same rule."""
    return f"optimizer_{rule.fingerprint[:8]}.py"


def _plain(value: str) -> str:
    return re.sub(r"[^\x20-\x7e\xa0-\u2027\u202f-\uffff]", " ", str(value))[:300]


def _comment(label: str, text: str) -> str:
    """Broken at spaces, which mean nothing in a rule's text or in LaTeX."""
    lines = textwrap.wrap(text, 118 - len(label), break_long_words=False, break_on_hyphens=False)
    return f"\n#{' ' * (len(label) + 1)}".join([f"# {label}{lines[0]}", *lines[1:]])


def _origin(origin: Mapping[str, str]) -> str:
    if not origin:
        return "#     not recorded\n"
    return "".join(f"#     {_plain(key)}: {_plain(value)}\n" for key, value in origin.items())


def _title(rule: Rule) -> str:
    """The rule's text, where it fits into the line."""
    return f", with update = {rule.text}" if len(rule.text) < _LONG_TITLE else "; the update stands above"


def _averages(rule: Rule) -> str:
    keys = [f'"{average.key}"' for average in of_tree(rule.tree)]
    return f"({keys[0]},)" if len(keys) == 1 else f"({', '.join(keys)})"


def _filled(template: str, marks: Mapping[str, str]) -> str:
    """In one pass, so that what a mark is replaced with is never looked at again."""
    return re.sub(r"<<(\w+)>>", lambda match: marks[match[1]], template)


def _indented(lines: list[str]) -> str:
    return "\n".join(f"        {line}" for line in lines)


def _total_marks(rule: Rule) -> dict[str, str]:
    needed = rule.needs_total_steps
    return {
        "total_argument": ", total_steps=1000" if needed else "",
        "total_note": parts.USAGE_TOTAL if needed else "",
        "total_check": parts.TOTAL_CHECK if needed else "",
    }


def _list_marks(rule: Rule) -> dict[str, str]:
    """What differs between rules that work on lists and those whose random draws go one by one."""
    lines = list_lines(rule)
    if lines is None:
        return {
            "abc": "Callable, Iterable, Mapping",
            "foreach_help": parts.FOREACH_HELP_RANDOM,
            "step_group": parts.STEP_ONE_BY_ONE,
            "update_lists": "",
            "list_method": "",
            "generator": '        generator = generator_for(p.device, draw_seed(group["seed"], index, t))\n',
            "generator_given": ", generator",
            "update_arguments": f"\n        {parts.UPDATE_ARGUMENTS}, generator: torch.Generator\n    ",
        }
    return {
        "abc": "Callable, Iterable, Iterator, Mapping",
        "foreach_help": parts.FOREACH_HELP,
        "step_group": parts.STEP_IN_LISTS,
        "update_lists": parts.UPDATE_LISTS,
        "list_method": _filled(parts.LIST_METHOD, {"lines": _indented(lines)}),
        "generator": "",
        "generator_given": "",
        "update_arguments": parts.UPDATE_ARGUMENTS,
    }


def _update_lines(rule: Rule) -> list[str]:
    """Averages first, then each random draw in the order in which the interpreter draws it, then the expression."""
    signs_only, averages = of_signs_only(rule.tree), of_tree(rule.tree)
    lines = [_average_line(average, signs_only) for average in averages]
    names: dict[Node, str] = {}
    is_long = len(printer.write(rule.tree, "python")) > _LONG
    for node in walk(rule.tree):
        written = printer.write(node, "python", names)
        if node not in names and (_is_random(node) or (is_long and len(written) > _PART and node != rule.tree)):
            kind = node.name if _is_random(node) else "part"
            names[node] = f"{kind}_{sum(name.startswith(f'{kind}_') for name in names.values()) + 1}"
            lines.append(f"{names[node]} = {written}")
    result = printer.write(rule.tree, "python", names)
    late = [f"running_average({_name(a)}, g, {a.beta!r})" for a in averages if a.read_before]
    if not late:
        return [*_used(lines, result), f"return {result}"]
    late[0] += "  # only now, as the rule reads what the step before left"
    return [*_used(lines, "\n".join([result, *late])), f"update = {result}", *late, "return update"]


def _used(lines: list[str], rest: str) -> list[str]:
    """The lines without names that nothing reads: a rule may hold an average that `left` ignores."""
    kept = []
    for place, line in enumerate(lines):
        name, _, value = line.partition(" = ")
        is_read = any(re.search(rf"\b{name}\b", later) for later in [*lines[place + 1 :], rest])
        kept.append(line if is_read else value)
    return kept


def _is_random(node: Node) -> bool:
    return is_draw(node) or (isinstance(node, Operand) and "random" in node.primitive.needs)


def _name(average: Average) -> str:
    return average.key.replace(".", "_")


def _average_line(average: Average, signs_only: set[Average]) -> str:
    if average.read_before:
        return f'{_name(average)} = averages["{average.key}"]'
    running = f'averages["{average.key}"], {" * ".join(["g"] * average.power)}, {average.beta!r}'
    if average in signs_only:
        return f"{_name(average)} = running_average({running})  # only its sign is used: no bias correction"
    return f"{_name(average)} = corrected_average({running}, t + 1)"


def _helpers(text: str) -> str:
    """The helper functions that the file uses, in their order."""
    return "".join(source for name, source in HELPERS.items() if name == "parts" or _calls(text, name))


def _calls(text: str, name: str) -> bool:
    needed = {"generator": "generator_for(", "running_average": "_average(", "lists": "def update_lists("}
    return needed.get(name, f"{name}(") in text
