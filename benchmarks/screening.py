"""What screening removes, what it costs, and whether it removes anything good. Results: benchmarks/RESULTS.md.

    python -m benchmarks.screening shares [--rules 10000]
    python -m benchmarks.screening rewards [--set paper] [--rejected 150] [--accepted 150] [--seed 1]
    python -m benchmarks.screening merged [--set paper] [--pairs 40] [--seed 1]

``shares``: of uniformly random token strings, two groups. ``rewards``: distinct rules, screened out and not, are all
trained on digits with the quick protocol, one seed. ``merged``: rules that are one by their numbers but not by their
algebra are both trained, with the same seed.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections import Counter
from collections.abc import Iterator

import torch

from engine.children.training import train_child
from engine.config import ChildConfig, ScreeningConfig
from engine.language import Rule, Space
from engine.registry import PRIMITIVE_SETS, protocol
from engine.screening import probe_fingerprint, screen
from engine.screening.decisions import CHECKS
from engine.screening.facts import facts_of, probes

SETTINGS = ScreeningConfig()
FIELDS = {name: name.replace("-", "_") for name in CHECKS}  # of the settings
ONLY = {name: {field: field == own for field in FIELDS.values()} for name, own in FIELDS.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["shares", "rewards", "merged"])
    parser.add_argument("--rules", type=int, default=10_000)
    parser.add_argument("--set", choices=list(PRIMITIVE_SETS), default="paper")
    parser.add_argument("--rejected", type=int, default=150)
    parser.add_argument("--accepted", type=int, default=150)
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(1)
    probes()  # built once a process
    if options.what == "shares":
        for name in ("paper", "signs"):
            shares(name, options.rules, options.seed)
    elif options.what == "rewards":
        rewards(options.set, options.rejected, options.accepted, options.seed)
    else:
        merged(options.set, options.pairs, options.seed)


def random_rules(name: str, seed: int) -> Iterator[Rule]:
    """Canonical forms of uniformly random token strings, two groups."""
    preset, draws = PRIMITIVE_SETS[name], random.Random(seed)
    space = Space(preset.operands, preset.unary, preset.binary, 2)
    while True:
        yield Rule.from_tokens([draws.choice(space.choices(slot)) for slot in range(len(space.slots))]).canonical


def shares(name: str, count: int, seed: int) -> None:
    """The share of strings that each step removes, by itself and in the order of a search; and the time."""
    source = random_rules(name, seed)
    rules = [next(source) for _ in range(count)]
    facts_of.cache_clear()
    distinct = list(dict.fromkeys(rules))
    milliseconds = [1000 * _seconds(rule) for rule in distinct]
    alone, in_order, seen, left = Counter[str](), Counter[str](), set[str](), 0
    for rule in rules:
        steps = _steps(rule, seen)
        alone.update(steps)
        in_order.update(steps[:1])
        left += not steps
    print(f"\n{name}, {count:,} strings, two groups; the rest: {left / count:.1%}")
    print("| step | alone | in order |\n|---|---|---|")
    for step in ("the same by algebra", "the same by numbers", *CHECKS):
        print(f"| {step} | {alone[step] / count:.1%} | {in_order[step] / count:.1%} |")
    ordered = sorted(milliseconds)
    print(
        f"ms of CPU a rule ({len(ordered):,} distinct): mean {statistics.mean(ordered):.2f}, median"
        f" {statistics.median(ordered):.2f}, 99 % within {ordered[int(0.99 * len(ordered))]:.2f}"
    )


def _steps(rule: Rule, seen: set[str]) -> list[str]:
    """All steps that would remove it, in the order of a search: known rules are not screened again."""
    algebra, by_numbers = f"a{rule.fingerprint}", f"n{probe_fingerprint(rule)}"
    steps = [
        step for step, key in (("the same by algebra", algebra), ("the same by numbers", by_numbers)) if key in seen
    ]
    seen.update((algebra, by_numbers))
    return steps + [name for name in CHECKS if screen(rule, SETTINGS.model_copy(update=ONLY[name]))]


def _seconds(rule: Rule) -> float:
    started = time.process_time()
    screen(rule, SETTINGS)
    return time.process_time() - started


def _train(rule: Rule, seed: int) -> float:
    child = ChildConfig.model_validate({"protocol": protocol("quick").model_dump()})
    return train_child(rule, child, seed, device="cpu").reward


def rewards(name: str, rejected: int, accepted: int, seed: int) -> None:
    """Trains what is screened out as well, and shows what a search loses by not training it."""
    found: dict[str, list[tuple[float, str]]] = {"accepted": []}
    wanted = {True: accepted, False: rejected}
    prints: set[str] = set()
    for rule in random_rules(name, seed):
        decision = screen(rule, SETTINGS)
        if probe_fingerprint(rule) in prints or not wanted[decision is None]:
            continue
        wanted[decision is None] -= 1
        prints.add(probe_fingerprint(rule))
        found.setdefault(decision.name if decision else "accepted", []).append((_train(rule, seed), rule.text))
        if not any(wanted.values()):
            break
    _print_rewards(name, found)


def _print_rewards(name: str, found: dict[str, list[tuple[float, str]]]) -> None:
    kept = sorted(reward for reward, _ in found["accepted"])
    median, top = statistics.median(kept), kept[int(0.9 * len(kept))]
    everything = [row for decision, rows in found.items() if decision != "accepted" for row in rows]
    print(f"\n{name}: median of the accepted {median:.3f}, their top 10 % from {top:.3f}")
    print(
        "| decision | n | 10 % | median | 90 % | highest | reach the median | reach the top 10 % | the highest rule |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for decision in ("accepted", *CHECKS, "all rejected"):
        rows = sorted(everything if decision == "all rejected" else found.get(decision, []))
        if rows:
            values = [reward for reward, _ in rows]
            low, middle, high = (values[int(q * (len(values) - 1))] for q in (0.1, 0.5, 0.9))
            reach = [sum(value >= bar for value in values) for bar in (median, top)]
            print(
                f"| {decision} | {len(rows)} | {low:.3f} | {middle:.3f} | {high:.3f} | {values[-1]:.3f} |"
                f" {reach[0]} | {reach[1]} | `{rows[-1][1]}` |"
            )


def merged(name: str, pairs: int, seed: int) -> None:
    """Whether rules that are one by their numbers earn the same reward, where both are trained."""
    first: dict[str, Rule] = {}
    differences: list[tuple[float, str]] = []
    for rule in random_rules(name, seed):
        if screen(rule, SETTINGS) is not None:
            continue
        other = first.setdefault(probe_fingerprint(rule), rule)
        if other != rule and other.fingerprint != rule.fingerprint:
            one, two = _train(other, seed), _train(rule, seed)
            differences.append((abs(one - two), f"`{other.text}` {one:.3f}, `{rule.text}` {two:.3f}"))
            if len(differences) == pairs:
                break
    differences.sort()
    equal = sum(difference == 0 for difference, _ in differences)
    print(f"\n{name}: {pairs} pairs, {equal} with equal rewards; the largest differences:")
    for difference, text in differences[-5:]:
        print(f"- {difference:.3f}: {text}")


if __name__ == "__main__":
    main()
