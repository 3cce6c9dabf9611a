"""A large search for the dashboard's benchmark: written into the database as a real one would have been.

The rules are drawn from the paper's primitives, so that equations, words, complexities and duplicates are real;
rewards, outcomes and times are drawn at random. Every candidate has its events, the latest ones their runs too.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.utils import timezone

from engine.config import PrimitivesConfig, SearchConfig
from engine.language import Rule, Space
from engine.language.words import words
from engine.registry import PRIMITIVE_SETS
from searchapp import built_in
from searchapp.models import Candidate, ChildRun, EventKind, Queue, Round, Search, SearchEvent, Trial

ROUND_SIZE, BATCH = 20, 5000
WITH_RUNS = 1000  # candidates that have their runs
AGAIN = 0.2  # share of candidates that a controller which has made up its mind proposes again
RATES = [10.0**power for power in range(-5, 2)]
SHARES = {"trained": 0.45, "dropped": 0.2, "diverged": 0.1, "screened": 0.25}  # of distinct rules
EXAMPLES = 5000  # that a reward is measured on


class Drawn(NamedTuple):
    """What is drawn once for both databases."""

    tokens: list[str]
    text: str
    mathml: str
    fingerprint: str
    complexity: int
    words: str
    first: int | None  # index of the candidate that it repeats


def draw(count: int, seed: int = 0) -> list[Drawn]:
    """`count` candidates in the order of their proposal."""
    chance, preset = random.Random(seed), PRIMITIVE_SETS["paper"]
    space, known, drawn = Space(preset.operands, preset.unary, preset.binary, 2), dict[str, int](), list[Drawn]()
    for index in range(count):
        if drawn and chance.random() < AGAIN:
            row = chance.choice(drawn)
            drawn.append(row._replace(first=known[row.fingerprint]))
            continue
        tokens = [chance.choice(space.choices(slot)) for slot in range(len(space.slots))]
        rule = Rule.from_tokens(tokens).canonical
        first = known.setdefault(rule.fingerprint, index)
        held = f" {' '.join(sorted(words(rule.tree)))} "
        earlier = None if first == index else first
        drawn.append(Drawn(tokens, rule.text, rule.mathml, rule.fingerprint, rule.complexity, held, earlier))
    return drawn


def write(drawn: list[Drawn], seed: int = 0) -> Search:
    """The finished search of these candidates, its owner “benchmark”."""
    built_in.sync()
    owner = User.objects.create_user("benchmark")
    preset = PRIMITIVE_SETS["paper"]
    tokens = PrimitivesConfig(operands=preset.operands, unary=preset.unary, binary=preset.binary)
    config = SearchConfig(primitives=tokens, budget=len(drawn), round_size=ROUND_SIZE).model_dump(mode="json")
    search = Search.objects.create(
        owner=owner, name="Benchmark", config=config, queue=Queue.objects.get(name=Queue.DEFAULT), budget=len(drawn)
    )
    chance, began = random.Random(seed), timezone.now() - timedelta(days=9)
    _write_rounds(search, len(drawn), began, chance)
    candidates = _write_candidates(search, drawn, began, chance)
    _write_runs(candidates, chance)
    _write_trials(search, candidates, chance)
    seq = _write_events(search, drawn, candidates)
    best = search.candidates.filter(outcome="trained").order_by("-reward", "complexity", "index").first()
    confirmed = search.candidates.filter(confirmed_n__gt=0).order_by("-confirmed_mean").first()
    Search.objects.filter(pk=search.pk).update(
        status="finished",
        candidates_proposed=len(drawn),
        candidates_done=len(drawn),
        events_count=seq,
        best_candidate=best,
        best_confirmed=confirmed,
        started_at=began,
        finished_at=timezone.now(),
    )
    search.refresh_from_db()
    return search


def _write_rounds(search: Search, count: int, began: datetime, chance: random.Random) -> None:
    rows = [
        Round(
            search=search,
            number=number,
            status="observed",
            observed_at=began + timedelta(seconds=6 * number),
            metrics={"entropy": chance.uniform(8, 20), "kl": chance.random() / 50, "mean_reward": chance.random()},
        )
        for number in range(-(-count // ROUND_SIZE))
    ]
    Round.objects.bulk_create(rows, BATCH)


def _write_candidates(search: Search, drawn: list[Drawn], began: datetime, chance: random.Random) -> list[Candidate]:
    rounds = dict(search.rounds.values_list("number", "pk"))
    rows: list[Candidate] = []
    for index, one in enumerate(drawn):
        made = _ending(chance) if one.first is None else _repeated(rows[one.first])
        rows.append(
            Candidate(
                search=search,
                round_id=rounds[index // ROUND_SIZE],
                index=index,
                tokens=one.tokens,
                text=one.text,
                fingerprint=one.fingerprint,
                complexity=one.complexity,
                words=one.words,
                finished_at=began + timedelta(seconds=index * 7),
                started_at=began + timedelta(seconds=index * 7 - 4),
                worker_name="default-1",
                **made,
            )
        )
        if one.first is not None:
            rows[one.first].times_proposed += 1
    firsts = [row for row, one in zip(rows, drawn, strict=True) if one.first is None]
    Candidate.objects.bulk_create(firsts, BATCH)
    for row, one in zip(rows, drawn, strict=True):
        row.duplicate_of = None if one.first is None else rows[one.first]
    Candidate.objects.bulk_create([row for row, one in zip(rows, drawn, strict=True) if one.first is not None], BATCH)
    return rows


def _ending(chance: random.Random) -> dict[str, Any]:
    outcome = chance.choices(list(SHARES), list(SHARES.values()))[0]
    if chance.random() < 0.001:
        return {"status": "failed", "reason": "Given up after 3 attempts; the last one: the worker was lost."}
    reward = {"trained": min(0.99, chance.betavariate(6, 2)), "dropped": chance.uniform(0.08, 0.3)}.get(outcome, 0.0)
    rate = None if outcome == "screened" else chance.choice(RATES)
    reason = "" if outcome == "trained" else f"What the engine says of a rule that was {outcome}."
    found = {"status": "finished", "outcome": outcome, "reason": reason, "learning_rate": rate}
    return {**found, "reward": round(reward * EXAMPLES) / EXAMPLES, "seconds": chance.uniform(1, 20)}


def _repeated(first: Candidate) -> dict[str, Any]:
    same = {"status": first.status, "reward": first.reward, "learning_rate": first.learning_rate}
    return {**same, "outcome": "duplicate" if first.status == "finished" else "", "reason": "", "seconds": 0.0}


def _write_runs(candidates: list[Candidate], chance: random.Random) -> None:
    trained = [row for row in candidates if row.outcome == "trained"][-WITH_RUNS:]
    curve = [{"epoch": k, "train_loss": 2 / k, "validation_accuracy": 1 - 1 / (k + 1)} for k in range(1, 6)]
    stages = [*(("sweep", rate, curve[:1]) for rate in RATES), ("final", 0.1, curve)]
    rows = [
        ChildRun(
            candidate=row, attempt=1, position=k, stage=stage, learning_rate=rate, outcome="trained", curve=points,
            seconds=chance.random(),
        )
        for row in trained
        for k, (stage, rate, points) in enumerate(stages)
    ]  # fmt: skip
    ChildRun.objects.bulk_create(rows, BATCH)


def _write_trials(search: Search, candidates: list[Candidate], chance: random.Random) -> None:
    """The ten best rules are confirmed with three seeds, and five baselines."""
    ranked = sorted((row for row in candidates if row.outcome == "trained"), key=lambda row: -(row.reward or 0))[:10]
    for row in ranked:
        row.confirmed_mean, row.confirmed_std, row.confirmed_n = chance.uniform(0.8, 0.97), 0.01, 3
    Candidate.objects.bulk_update(ranked, ["confirmed_mean", "confirmed_std", "confirmed_n"])
    lines = [("confirmation", row, "", row.text) for row in ranked]
    lines += [("baseline", None, name, name) for name in ("g", "m", "adam", "rmsprop", "lion")]
    Trial.objects.bulk_create(
        Trial(
            search=search, purpose=purpose, candidate=row, name=name, text=text, child=search.config["child"],
            number=number, seed=number, key=f"line {line}, seed {number}", status="finished", outcome="trained",
            reward=chance.uniform(0.8, 0.97),
        )
        for line, (purpose, row, name, text) in enumerate(lines)
        for number in range(3)
    )  # fmt: skip


def _write_events(search: Search, drawn: list[Drawn], candidates: list[Candidate]) -> int:
    """Returns the seq of the last event."""
    seq, events = 0, _events(drawn, candidates)
    while batch := list(itertools.islice(events, BATCH)):
        SearchEvent.objects.bulk_create(
            SearchEvent(search=search, seq=seq + k, kind=kind, payload=payload)
            for k, (kind, payload) in enumerate(batch, 1)
        )
        seq += len(batch)
    return seq


def _events(drawn: list[Drawn], candidates: list[Candidate]) -> Iterator[tuple[str, dict[str, Any]]]:
    best = -1.0
    for start in range(0, len(drawn), ROUND_SIZE):
        here = slice(start, start + ROUND_SIZE)
        rows = list(zip(drawn[here], candidates[here], strict=True))
        heads = [
            {"index": row.index, "text": one.text, "mathml": one.mathml, "complexity": one.complexity,
             "duplicate_of": one.first}
            for one, row in rows
        ]  # fmt: skip
        yield EventKind.ROUND_PROPOSED, {"round": start // ROUND_SIZE, "candidates": heads}
        for head, (_, row) in zip(heads, rows, strict=True):
            is_best = row.outcome == "trained" and (row.reward or 0) > best
            best = max(best, row.reward or 0) if is_best else best
            if row.outcome not in ("screened", "duplicate"):
                yield EventKind.CANDIDATE_STARTED, {"index": row.index, "worker": "default-1"}
            ending = {"round": start // ROUND_SIZE, "status": row.status, "outcome": row.outcome, "reward": row.reward}
            more = {"learning_rate": row.learning_rate, "seconds": row.seconds, "best": is_best}
            yield EventKind.CANDIDATE_FINISHED, {**head, **ending, **more}
        yield EventKind.ROUND_OBSERVED, {"round": start // ROUND_SIZE, "metrics": {"entropy": 9.0}}
