"""`search presets`: every name that the options take, with its settings."""

from __future__ import annotations

from rich.console import Console

from engine.language import PRIMITIVES
from engine.registry import CONTROLLERS, DATASETS, NETWORKS, PRIMITIVE_SETS, PROTOCOLS, Registry


def show(console: Console) -> None:
    for title, rows in (("Data sets", DATASETS), ("Networks", NETWORKS), ("Controllers", CONTROLLERS)):
        _heading(console, title)
        _entries(console, rows)
    _heading(console, "Protocols")
    for row in PROTOCOLS.values():
        _line(console, row.name, row.summary)
        _settings(console, dict(row.settings.model_validate(row.facts)))
    _heading(console, "Primitive sets")
    for preset in PRIMITIVE_SETS.values():
        _line(console, preset.name, preset.summary)
        for kind in ("operands", "unary", "binary"):
            console.print(f"      {kind}: {'  '.join(getattr(preset, kind))}", markup=False, highlight=False)
    _heading(console, "Primitives")
    for primitive in PRIMITIVES.values():
        parameters = ", ".join(f"{p.name} = {p.default:g}" for p in primitive.parameters)
        _line(console, primitive.name, f"{primitive.kind}: {primitive.help} {parameters}".rstrip())


def _heading(console: Console, title: str) -> None:
    console.print(f"\n{title}", style="bold")


def _line(console: Console, name: str, text: str) -> None:
    console.print(f"  {name:<14}{text}", markup=False, highlight=False)


def _entries(console: Console, rows: Registry) -> None:
    for row in rows.values():
        _line(console, row.name, row.summary)
        fields = row.settings.model_fields.items()
        _settings(console, {name: f"{field.default} ({field.description})" for name, field in fields})


def _settings(console: Console, settings: dict[str, object]) -> None:
    for name, value in settings.items():
        console.print(f"      {name} = {value}", markup=False, highlight=False)
