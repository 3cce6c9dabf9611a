"""What a rule computes on probes: its update at every step, in float64."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.language import Rule
from engine.optim.functions import Step
from engine.optim.program import Program
from engine.optim.random_draws import draw_seed
from engine.screening.probes import TIMES, TOTAL, ProbeSet

_GENERATOR_SEED = 0


@torch.no_grad()
def outputs(rule: Rule, probes: ProbeSet) -> Tensor:
    """Δ at each step, [STEPS, n]; the weights stay where they are. Noise and drops are the same in every call."""
    program = Program(rule)
    running = [torch.zeros_like(probes.weights) for _ in program.averages]
    generator = torch.Generator() if program.is_random else None
    updates = torch.empty_like(probes.gradients)
    for k, g in enumerate(probes.gradients):
        if generator is not None:
            generator.manual_seed(draw_seed(_GENERATOR_SEED, 0, k))
        averages = program.read(g, running, k + 1)
        updates[k] = program(Step(g, probes.weights, TIMES[k], TOTAL, averages, generator))
        program.finish(g, running)
    return updates
