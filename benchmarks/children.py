"""Children an hour: the product's `train_child` against the loop that a careful user of torch would write.

    python -m benchmarks.children [digits] [paper] [accuracy] [memory] [--threads 1] [--rounds 7] [--pairs 8]

`digits` trains whole children with the protocol quick; `paper` times slices of the paper's child on CIFAR-10 (a whole
one takes minutes) and adds them up; `accuracy` compares the rewards of both on the same rules and seeds, on digits and
on CIFAR-10 with the protocol scaled; `memory` is the largest resident memory of a process that does one of the two.
Whatever is compared takes turns, so that a machine which others use too slows all alike; seconds are processor time
(median and best of the rounds), which with one thread is the wall time of a machine at rest.
"""

from __future__ import annotations

import argparse
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import torch

from benchmarks.children_plain import Plain
from engine.children.population.sweep import train_sweep
from engine.children.protocol import RunPlan, final_plan, sweep_plan
from engine.children.run import accuracy, train_epochs
from engine.children.training import prepare_child, train_child
from engine.config import ChildConfig
from engine.language import Rule
from engine.registry import protocol

POWERSIGN = "exp(sign(g)*sign(m)) * g"
RULES = (POWERSIGN, "g", "m", "adam", "sign(m)", "rmsprop", "drop(m, 0.3) * ld", "(1 + sign(g)*sign(m)) * g")
PLAIN, SLICED, OURS, OURS32 = "plain loop", "plain loop, no DataLoader", "train_child", "train_child, float32"
EVALUATED = 1000  # examples of a slice

Times = dict[str, list[float]]


def taking_turns(parts: dict[str, Callable[[], object]], rounds: int) -> Times:
    """Processor seconds of each part in each round, after one that does not count."""
    times: Times = {name: [] for name in parts}
    for number in range(rounds + 1):
        for name, part in parts.items():
            started = time.process_time()
            part()
            if number:
                times[name].append(time.process_time() - started)
    return times


def table(title: str, times: Times) -> None:
    rounds = len(times[PLAIN])
    print(
        f"\n{title}, n = {rounds}\n| | seconds a child, median (best) | children an hour | ratio |\n|---|---|---|---|"
    )
    for name, seconds in times.items():
        middle, ratio = statistics.median(seconds), statistics.median(times[PLAIN]) / statistics.median(seconds)
        print(f"| {name} | {middle:.3f} ({min(seconds):.3f}) | {3600 / middle:,.0f} | {ratio:.1f} |", flush=True)


def digits(rounds: int) -> None:
    quick = protocol("quick")
    full = ChildConfig(protocol=quick.model_copy(update={"precision": "float32"}))
    parts: dict[str, Callable[[], object]] = {
        PLAIN: lambda: Plain(POWERSIGN, "digits", quick, 1).train_child(),
        SLICED: lambda: Plain(POWERSIGN, "digits", quick, 1, loader=False).train_child(),
        OURS: lambda: train_child(Rule.parse(POWERSIGN), ChildConfig(protocol=quick), 1, device="cpu"),
        OURS32: lambda: train_child(Rule.parse(POWERSIGN), full, 1, device="cpu"),
    }
    table("Digits, protocol quick, whole children", taking_turns(parts, rounds))


def paper(rounds: int) -> None:
    """Slices of both, then a child of them: so many steps of the sweep and of the final training, so many judged."""
    paper_protocol = protocol("paper")
    parts: dict[str, Callable[[], object]] = {}
    for name, loader in ((PLAIN, True), (SLICED, False)):
        parts.update({f"{name}|{key}": part for key, part in plain_slices(loader).items()})
    for name, precision in ((OURS, "auto"), (OURS32, "float32")):
        parts.update({f"{name}|{key}": part for key, part in our_slices(precision).items()})
    slices = taking_turns(parts, rounds)
    sweep, final = sweep_plan(paper_protocol, 45_000), final_plan(paper_protocol, 45_000)
    rates = len(paper_protocol.learning_rates)
    times: Times = {}
    for name in (PLAIN, SLICED, OURS, OURS32):
        per = {key: slices[f"{name}|{key}"] for key in ("sweep", "final", "judge")}
        # A slice of the sweep is 4 steps of each of 7 members, one of the final training 20 steps.
        times[name] = [
            s * sweep.total_steps / 4
            + f * final.total_steps / 20
            + j * (rates + paper_protocol.epochs) * 5000 / EVALUATED
            for s, f, j in zip(per["sweep"], per["final"], per["judge"], strict=True)
        ]
        step, member = statistics.median(per["final"]) / 20, statistics.median(per["sweep"]) / 4 / rates
        judged = statistics.median(per["judge"]) / EVALUATED
        print(
            f"{name}: a step {1e3 * step:.1f} ms, in the sweep {1e3 * member:.1f}; "
            f"an image judged {1e6 * judged:.0f} µs"
        )
    table("CIFAR-10, the paper's child, from slices", times)


def plain_slices(loader: bool) -> dict[str, Callable[[], object]]:
    plain = Plain(POWERSIGN, "cifar10", protocol("paper", train_examples=10_000, validation_examples=1000), 1, loader)
    network = plain.fresh()
    optimizer = plain.optimizer(network, 0.01, 3000)
    return {
        "sweep": lambda: plain.steps(network, optimizer, 28),
        "final": lambda: plain.steps(network, optimizer, 20),
        "judge": lambda: plain.accuracy(network, EVALUATED),
    }


def our_slices(precision: str) -> dict[str, Callable[[], object]]:
    few, judged = (
        protocol("paper", train_examples=10_000, validation_examples=count, precision=precision)
        for count in (10, EVALUATED)  # What a sweep judges counts with the rest, so its own slice judges next to none.
    )
    tried, child = (
        prepare_child(Rule.parse(POWERSIGN), ChildConfig(dataset="cifar10", protocol=p), 1, device="cpu")
        for p in (few, judged)
    )
    return {
        "sweep": lambda: train_sweep(tried, few.learning_rates, RunPlan(4, 1)),
        "final": lambda: list(train_epochs(child, 0.01, RunPlan(20, 1))),
        "judge": lambda: accuracy(child, "validation"),
    }


def accuracies(pairs: int) -> None:
    for dataset, name, count in (("digits", "quick", 4 * pairs), ("cifar10", "scaled", pairs)):
        chosen, rewards = protocol(name), []
        for number in range(count):
            rule, seed = RULES[number % len(RULES)], 1 + number // len(RULES)
            ours = train_child(Rule.parse(rule), ChildConfig(dataset=dataset, protocol=chosen), seed, device="cpu")
            rewards.append((Plain(rule, dataset, chosen, seed).train_child(), ours.reward))
        differences = [ours - plain for plain, ours in rewards]
        plain, ours = (statistics.mean(column) for column in zip(*rewards, strict=True))
        error = statistics.stdev(differences) / len(differences) ** 0.5
        print(
            f"\n{dataset}, protocol {name}, n = {count} pairs ({len(RULES)} rules): mean reward of the plain loop "
            f"{plain:.4f}, of train_child {ours:.4f}; difference {ours - plain:+.4f}, standard error {error:.4f}",
            flush=True,
        )


def memory() -> None:
    """Each in a process of its own, which does nothing else."""
    for dataset, name in (("digits", "quick"), ("cifar10", "paper")):
        for whose in ("plain", "ours"):
            command = [sys.executable, "-m", "benchmarks.children", "--peak", f"{whose}:{dataset}:{name}"]
            print(f"{dataset}, {whose}:", subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def peak(what: str) -> None:
    """A few steps of every kind that a child has, then this process' largest resident memory."""
    whose, dataset, name = what.split(":")
    if dataset == "digits":
        chosen = protocol(name)
        if whose == "plain":
            Plain(POWERSIGN, dataset, chosen, 1).train_child()
        else:
            train_child(Rule.parse(POWERSIGN), ChildConfig(protocol=chosen), 1, device="cpu")
    else:
        for part in (plain_slices(True) if whose == "plain" else our_slices("auto")).values():
            part()
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.children", description=__doc__)
    parser.add_argument("what", nargs="*", default=["digits", "paper", "accuracy", "memory"])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument(
        "--pairs", type=int, default=8, help="pairs of rewards on CIFAR-10; digits has four times as many"
    )
    parser.add_argument("--peak", help=argparse.SUPPRESS)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    if options.peak:
        peak(options.peak)
        return
    print(f"torch {torch.__version__}, {platform.processor()}, {options.threads} thread(s)")
    parts = {
        "digits": lambda: digits(options.rounds),
        "paper": lambda: paper(options.rounds),
        "accuracy": lambda: accuracies(options.pairs),
        "memory": memory,
    }
    for name in options.what:
        parts[name]()


if __name__ == "__main__":
    main()
