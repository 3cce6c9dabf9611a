"""Searches and rules of a server as tables in a terminal."""

from __future__ import annotations

from typing import Any

from rich.table import Table


def _table(*columns: str, last: str) -> Table:
    table = Table(title_justify="left")
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column(last)
    return table


def searches(rows: list[dict[str, Any]]) -> Table:
    table = _table("id", "status", "done", "best", "confirmed", last="name")
    for row in rows:
        best, confirmed = row["best"], row["confirmed"]
        table.add_row(
            str(row["id"]), row["status"], f"{row['done']}/{row['budget']}", _reward(best and best["reward"]),
            _spread(confirmed["mean"], confirmed["std"], confirmed["n"]) if confirmed else "", row["name"],
        )  # fmt: skip
    return table


def leaderboard(rows: list[dict[str, Any]]) -> Table:
    """The reward of the search and the mean over fresh seeds have a column each: the one flatters, the other not."""
    table = _table("#", "rule", "reward", "confirmed", "complexity", "rate", last="update")
    for row in rows:
        table.add_row(
            str(row["rank"]), str(row["index"]), _reward(row["reward"]),
            _spread(row["confirmed_mean"], row["confirmed_std"], row["confirmed_n"]), str(row["complexity"]),
            "" if row["learning_rate"] is None else f"{row['learning_rate']:g}", row["text"],
        )  # fmt: skip
    return table


def _reward(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _spread(mean: float | None, std: float | None, n: int) -> str:
    if mean is None:
        return ""
    return f"{mean:.4f} ({n})" if std is None else f"{mean:.4f} ± {std:.4f} ({n})"


def summary(row: dict[str, Any]) -> str:
    """`Search 12 “name” is running: 40 of 200 candidates done, best reward 0.9312.`"""
    best = f", best reward {row['best']['reward']:.4f}" if row["best"] else ""
    done = f"{row['done']} of {row['budget']} candidates done"
    return f"Search {row['id']} “{row['name']}” is {row['status']}: {done}{best}."
