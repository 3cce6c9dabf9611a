"""Controllers against random search: where the best rule is known, and among rewards of really trained children.

Prints two Markdown tables. In the first the reward is the share of a rule's ten tokens that are PowerSign's, with
Gaussian noise, over the paper's primitive set in two groups: it says whether a controller learns. In the second the
rewards are those of children trained on digits, one for each rule of a small space (benchmarks.controllers_table): it
says how well a controller finds optimizers that train. Rows named after a controller and a setting are that
controller with the setting changed.

    python -m benchmarks.controllers [--seeds 10] [--budget 300] [--only ppo random] [--part synthetic|digits]
"""

from __future__ import annotations

import argparse

import torch

from benchmarks.controllers_report import row, title
from benchmarks.controllers_runs import PARTS, VARIANTS, Run, play


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--budget", type=int, default=300)
    parser.add_argument("--only", nargs="+", choices=list(VARIANTS), default=list(VARIANTS))
    parser.add_argument("--part", choices=list(PARTS), help="one of the two tables only")
    options = parser.parse_args()
    torch.set_num_threads(1)
    for part in PARTS if options.part is None else [options.part]:
        print(title(part, options.seeds, options.budget), flush=True)
        chance: list[Run] = []
        for variant in sorted(options.only, key=lambda name: name != "random"):  # random first: what others beat
            runs = [play(part, variant, seed, options.budget) for seed in range(options.seeds)]
            chance = chance or runs
            print(row(variant, runs, chance), flush=True)


if __name__ == "__main__":
    main()
