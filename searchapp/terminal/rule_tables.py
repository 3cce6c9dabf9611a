"""What `manage.py rule` shows and writes: a transfer's four columns, ways over test functions, confirmed rewards."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.table import Table
from rich.text import Text

from engine.children.results import ChildResult
from engine.config import ChildConfig
from engine.evaluation.confirm import Difference, Spread, paired_difference, summarise
from engine.evaluation.surfaces import SURFACES
from engine.presets import NamedRule
from searchapp.terminal.rule_work import Finished

NOTHING = "–"
HEADINGS = {
    "final_validation": "final\nvalidation",
    "final_test": "final\ntest",
    "best_validation": "best\nvalidation",
    "test_at_best_validation": "test at best\nvalidation",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A rule and what came of its trainings, by the number of their seed; the first row is the rule asked about."""

    named: NamedRule
    results: dict[int, ChildResult] = field(default_factory=dict)
    failures: dict[int, str] = field(default_factory=dict)

    @property
    def rewards(self) -> dict[int, float]:
        return {number: result.reward for number, result in self.results.items()}

    @property
    def result(self) -> ChildResult | None:
        """Of a row with one training."""
        return next(iter(self.results.values()), None)

    def head(self) -> dict[str, Any]:
        rule = self.named.rule
        head = {"name": self.named.name, "title": self.named.title, "rule": rule.text, "fingerprint": rule.fingerprint}
        return head | ({"failures": self.failures} if self.failures else {})


def gather(rules: Sequence[NamedRule], finished: Finished) -> list[Row]:
    """Rows from results, whose keys are ``row/seed number``; rows of which nothing is finished have none."""
    rows = [Row(named) for named in rules]
    for key, result in finished.items():
        index, number = map(int, key.split("/"))
        if isinstance(result, str):
            rows[index].failures[number] = result
        else:
            rows[index].results[number] = result
    return rows


def child_text(child: ChildConfig) -> str:
    return f"{child.network} on {child.dataset}"


def to_json(kind: str, rows: Sequence[dict[str, Any]], **about: Any) -> str:
    return json.dumps({"kind": kind, **about, "rows": rows}, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def transfer_table(rows: Sequence[Row], child: ChildConfig, seed: int) -> Table:
    """Sorted by final validation accuracy; the best of each column in bold."""
    epochs, rates = _count(child.protocol.epochs, "epoch"), len(child.protocol.learning_rates)
    where = f"each of {rates} learning rates" if rates > 1 else "one learning rate"
    title = f"Transfer to {child_text(child)}: {epochs} at {where}, fresh seed {seed}"
    table = _table(title, "rule", *HEADINGS.values(), "rate")
    ended = sorted(((row, row.result) for row in rows if row.result), key=lambda pair: -pair[1].reward)
    columns = [_columns(result) for _, result in ended]
    best = {name: max((v for c in columns if (v := c[name]) is not None), default=None) for name in HEADINGS}
    for (row, result), values in zip(ended, columns, strict=True):
        cells = [_cell(values[name], values[name] == best[name]) for name in HEADINGS]
        table.add_row(Text(row.named.title), *cells, _rate(result))
    _add_failed(table, rows)
    return table


def transfer_rows(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [
        row.head() | ({} if row.result is None else _told(row.result) | {"runs": row.result.extra["rates"]})
        for row in rows
    ]


def paths_table(rows: Sequence[Row]) -> Table:
    """The value at the end of each way, with its learning rate; on a noisy function the mean of the last tenth."""
    steps = next((f["steps"] for row in rows for f in _functions(row).values()), 0)
    title = f"Test functions: value after {steps:,} steps at the best learning rate (noisy: mean of the last tenth)"
    table = _table(title, "rule", *(surface.title for surface in SURFACES.values()))
    found = [(row, _functions(row)) for row in rows if row.result]
    best = {
        name: min((v for _, functions in found if (v := _end(functions[name])) is not None), default=None)
        for name in SURFACES
    }
    for row, functions in found:
        table.add_row(Text(row.named.title), *(_path_cell(functions[name], best[name]) for name in SURFACES))
    _add_failed(table, rows)
    return table


def paths_rows(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [row.head() | {"functions": list(_functions(row).values())} for row in rows]


def confirm_table(rows: Sequence[Row], child: ChildConfig, seeds: int) -> Table:
    """Means over fresh seeds, the best first, and what the rule has over each baseline with the same seeds."""
    over = _count(seeds, "fresh seed")
    title = f"Proxy reward, {child_text(child)}: validation accuracy over {over}; differences in pairs, 95 % interval"
    table = _table(title, "rule", "mean", "std", "std error", "n", "rule − this", "from", "to")
    spreads = sorted(((row, summarise(list(row.rewards.values()))) for row in rows if row.results), key=_by_mean)
    best = max((spread.mean for _, spread in spreads), default=None)
    for row, spread in spreads:
        name = Text(row.named.title)
        table.add_row(name, *_spread_cells(spread, best), *_difference_cells(difference(rows[0], row)))
    _add_failed(table, rows)
    return table


def confirm_rows(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [row.head() | _confirmed(row, rows[0]) for row in rows]


def difference(rule: Row, other: Row) -> Difference | None:
    """Rule minus the other, over the seeds that both have; None between a rule and itself, or without such seeds."""
    both = sorted(rule.rewards.keys() & other.rewards.keys())
    if rule is other or not both:
        return None
    return paired_difference([rule.rewards[n] for n in both], [other.rewards[n] for n in both])


def _confirmed(row: Row, rule: Row) -> dict[str, Any]:
    if not row.results:
        return {}
    versus = difference(rule, row)
    return {
        **summarise(list(row.rewards.values())).to_dict(),
        "rewards": {str(number): row.rewards[number] for number in sorted(row.rewards)},
        "rule_minus_this": versus and versus.to_dict(),
    }


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number:,} {thing}s"


def _told(result: ChildResult) -> dict[str, Any]:
    return {
        "outcome": result.outcome,
        "reason": result.reason,
        "learning_rate": result.learning_rate,
        "seconds": round(result.seconds, 3),
        "columns": _columns(result),
    }


def _columns(result: ChildResult) -> dict[str, float | None]:
    columns: dict[str, float | None] = result.extra["columns"]
    return columns


def _functions(row: Row) -> dict[str, dict[str, Any]]:
    return {} if row.result is None else {entry["name"]: entry for entry in row.result.extra["functions"]}


def _end(function: dict[str, Any]) -> float | None:
    value: float | None = function["late_value" if SURFACES[function["name"]].noise else "final_value"]
    return value


def _path_cell(function: dict[str, Any], best: float | None) -> Text:
    value = _end(function)
    if value is None:
        return Text("diverged")
    return Text(f"{value:.3g} ({function['learning_rate']:g})", style="bold" if value == best else "")


def _spread_cells(spread: Spread, best: float | None) -> list[Text]:
    mean = _cell(spread.mean, spread.mean == best)
    return [mean, _cell(spread.std), _cell(spread.standard_error), Text(str(spread.n))]


def _difference_cells(found: Difference | None) -> list[Text]:
    if found is None:
        return [Text(NOTHING)] * 3
    return [_signed(value, found.is_clear) for value in (found.mean, found.low, found.high)]


def _signed(value: float | None, is_clear: bool) -> Text:
    return Text(NOTHING if value is None else f"{value:+.4f}", style="bold" if is_clear else "")


def _by_mean(pair: tuple[Row, Spread]) -> float:
    return -pair[1].mean


def _cell(value: float | None, is_best: bool = False) -> Text:
    return Text(NOTHING if value is None else f"{value:.4f}", style="bold" if is_best and value is not None else "")


def _rate(result: ChildResult) -> Text:
    return Text(result.outcome if result.learning_rate is None else f"{result.learning_rate:g}")


def _table(title: str, first: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(first, justify="left")
    for heading in headings:
        table.add_column(heading, justify="right")
    return table


def _add_failed(table: Table, rows: Sequence[Row]) -> None:
    """Rows without any result: their sentences stand on stderr and in the JSON."""
    for row in rows:
        if not row.results:
            text = "failed" if row.failures else "not finished"
            table.add_row(Text(row.named.title), *[Text(NOTHING)] * (len(table.columns) - 2), Text(text))
