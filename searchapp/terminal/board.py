"""The results of a search in a terminal: the leaderboard, and what is to be said beside it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from rich.table import Table

from engine.local import SearchReport, Standing
from engine.local.origin import seeds_text
from engine.local.standing import spread_text


def leaderboard(report: SearchReport, rows: int) -> Table:
    """The reward of the search and the mean over fresh seeds have a column each: the one flatters, the other not."""
    table = Table(title=_title(report), title_justify="left")
    rewards = ["proxy", "confirmed"] if report.confirmations else ["reward"]
    names = ["#", *rewards, "complexity", "rate"]
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("rule")
    shown, rank = report.leaderboard(rows), 0
    for row, after in zip_longest(shown, shown[1:]):
        rank += row.candidate is not None
        ends = after is not None and row.confirmed is not None and after.confirmed is None
        table.add_row(*_cells(row, rank, len(names) == 5), end_section=ends)
    return table


def _cells(row: Standing, rank: int, with_confirmed: bool) -> list[str]:
    place, rule = (str(rank), row.rule.text) if row.candidate else ("–", f"baseline {row.title}")
    reward = "" if row.reward is None else f"{row.reward:.4f}"
    confirmed = [spread_text(row.confirmed) if row.confirmed else ""] if with_confirmed else []
    rate = "" if row.learning_rate is None else f"{row.learning_rate:g}"
    return [place, reward, *confirmed, str(row.rule.complexity), rate, rule]


def _title(report: SearchReport) -> str:
    done = f"{report.done} of {report.config.budget} candidates done"
    if not report.confirmations:
        return done
    finished = sum(confirmation.is_done for confirmation in report.confirmations)
    return f"{done}; {finished} of {len(report.confirmations)} rules and baselines confirmed"


def remarks(report: SearchReport, state_file: str | None) -> Iterator[str]:
    """Sentences for below the leaderboard."""
    if report.confirmations:
        yield (
            f"Proxy reward: {report.notes.reward} in the search, {seeds_text(report.notes)}; the best of many "
            "flatters. Confirmed: mean ± standard deviation (n) over fresh seeds, the same for every rule and baseline."
        )
    yield from _against(report)
    failed = sum(len(confirmation.failures) for confirmation in report.confirmations)
    if failed:
        yield f"{failed} children with fresh seeds failed; the JSON report says why."
    if not report.is_finished:
        hint = f"; the same command with --state {state_file} goes on" if state_file else ""
        yield f"Interrupted: {report.done} of {report.config.budget} candidates are done{hint}."


def _against(report: SearchReport) -> Iterator[str]:
    """The best rule against the best baseline, in pairs of seeds."""
    best, rival = report.best, next((row for row in report.leaderboard(0) if row.confirmed), None)
    if best is None or rival is None or best.confirmation is None or rival.confirmation is None:
        return
    difference = best.confirmation.against(rival.confirmation)
    if difference is None:
        return
    start = f"The best rule less {rival.title}, the best baseline, seed by seed: {difference.mean:+.4f}"
    if difference.low is None or difference.high is None:
        yield f"{start} with one seed, which says little."
        return
    clear = "a clear difference" if difference.is_clear else "no clear difference"
    yield f"{start}, 95 % interval {difference.low:+.4f} to {difference.high:+.4f}: {clear}."
