"""How a rule was measured, in words: what the header of its optimizer file says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.config import SearchConfig
from engine.local.standing import Standing, spread_text
from engine.registry import Protocol
from engine.search import SCREENED_REWARD


@dataclass(frozen=True, slots=True)
class ChildNotes:
    """What was trained.

    Attributes:
        what: network and data, such as ``convnet on digits``.
        reward: what a reward is, such as ``validation accuracy``.
        protocol: how a child is trained, in a sentence.
        seeds: final trainings of a child, whose mean is its reward.
        worst: the reward of a rule that screening rejects.
    """

    what: str
    reward: str
    protocol: str
    seeds: int = 1
    worst: float = SCREENED_REWARD


def notes_of(config: SearchConfig) -> ChildNotes:
    """Of the children that the engine itself trains."""
    child, protocol = config.child, config.child.protocol
    sweep = f"{protocol.sweep_examples:,} training examples"
    examples = f" of {protocol.train_examples:,} examples" if protocol.train_examples else ""
    text = f"{protocol_text(protocol, sweep)}{examples}, batches of {protocol.batch_size}"
    return ChildNotes(f"{child.network} on {child.dataset}", "validation accuracy", text, seeds=protocol.seeds)


def seeds_text(notes: ChildNotes) -> str:
    return "one seed" if notes.seeds == 1 else f"mean of {notes.seeds} seeds"


def protocol_text(protocol: Protocol, sweep: str) -> str:
    """``sweep`` says what each learning rate is tried on."""
    rates = protocol.learning_rates
    epochs = "1 epoch" if protocol.epochs == 1 else f"{protocol.epochs} epochs"
    if len(rates) == 1:
        return f"learning rate {rates[0]:g}, tried on at most {sweep}, then fresh weights for {epochs}"
    tried = f"{len(rates)} learning rates from {rates[0]:g} to {rates[-1]:g}, each tried on at most {sweep}"
    return f"{tried}; the best then trains fresh weights for {epochs}"


def origin(row: Standing, config: SearchConfig, notes: ChildNotes, rows: Sequence[Standing]) -> dict[str, str]:
    """The header's lines. Proxy reward and confirmed mean stand apart, each with its number of seeds.

    Args:
        rows: the whole leaderboard, for the baselines in it.
    """
    lines = {"Found by": _found_by(row, config), "Trained": notes.what, "Protocol": notes.protocol}
    lines["Proxy reward"] = _proxy(row, notes)
    lines["Confirmed"] = _confirmed(row, notes)
    for other in rows:
        if other.baseline not in (None, row.baseline) and other.confirmed is not None and row.confirmed is not None:
            lines[f"Baseline {other.title}, same seeds"] = spread_text(other.confirmed)
    return lines


def _found_by(row: Standing, config: SearchConfig) -> str:
    if row.candidate is None:
        return f"nobody: it is the baseline {row.title}"
    return f"a search with {config.controller.name}, seed {config.seed}, candidate {row.candidate.proposed.index}"


def _proxy(row: Standing, notes: ChildNotes) -> str:
    if row.reward is None:
        return "none"
    if row.learning_rate is None:
        return f"{notes.reward} {row.reward:.4f}: it diverged at every learning rate"
    rate = f"at learning rate {row.learning_rate:g}"
    return f"{notes.reward} {row.reward:.4f} {rate}, {seeds_text(notes)}, as the search saw it"


def _confirmed(row: Standing, notes: ChildNotes) -> str:
    if row.confirmed is None:
        return "no; it was not trained again with fresh seeds"
    return f"{notes.reward} {spread_text(row.confirmed)}: mean ± standard deviation (fresh seeds)"
