"""The policy: a one-layer LSTM that writes a rule token by token (Bello et al. 2017, section 3).

Each step's input is the embedding of the token before; one softmax per kind of slot (operand, unary, binary) gives
the next token. Only choices that exist can be drawn: an operand of group k may be #1 .. #k-1, never a result that is
still to come. Priors mask further choices; probabilities, entropy and KL are those of what is left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils import skip_init

from engine.controllers.masks import Masks, masked
from engine.language import Space

INITIAL_RANGE = 0.08  # the paper's: every weight starts uniform in +-0.08


@dataclass(frozen=True)
class Trace:
    """Token strings and what the policy thinks of them."""

    tokens: Tensor  # [n, slots] int64
    logprobs: Tensor  # [n], nats, of the whole string
    entropy: Tensor  # [n], nats, summed over the slots along the string


class RulePolicy(nn.Module):
    """The distribution over token strings of a space; all strings of a batch are walked side by side."""

    def __init__(self, space: Space, units: int, generator: torch.Generator, masks: Masks | None = None) -> None:
        super().__init__()
        self.masks = masks or Masks()
        self.kinds = tuple(space.slots)
        self.widths = tuple(len(space.choices(slot)) for slot in range(len(self.kinds)))
        sizes = _vocabulary_sizes(self.kinds, self.widths)
        # skip_init: torch's own initial weights would draw from the global generator
        self.cell = skip_init(nn.LSTMCell, units, units)
        self.embeddings = nn.ModuleDict({k: skip_init(nn.Embedding, size, units) for k, size in sizes.items()})
        self.heads = nn.ModuleDict({k: skip_init(nn.Linear, units, size) for k, size in sizes.items()})
        self.start = nn.Parameter(torch.empty(units))  # [units], stands for the token before the first
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -INITIAL_RANGE, INITIAL_RANGE, generator=generator)

    @torch.no_grad()
    def sample(self, n: int, generator: torch.Generator) -> Trace:
        """Draw n strings with the given generator."""

        def draw(slot: int, log_p: Tensor) -> Tensor:
            return torch.multinomial(log_p.exp(), 1, generator=generator).squeeze(1)  # [n]

        return self._walk(n, draw)

    def evaluate(self, tokens: Tensor) -> Trace:
        """The same numbers, differentiable, for strings that exist: tokens [n, slots]."""
        return self._walk(len(tokens), lambda slot, log_p: tokens[:, slot])

    def distributions(self, tokens: Tensor) -> list[Tensor]:
        """log π of every choice at each slot along the strings [n, slots]: a tensor [n, width] for each slot."""
        seen: list[Tensor] = []

        def follow(slot: int, log_p: Tensor) -> Tensor:
            seen.append(log_p)
            return tokens[:, slot]

        self._walk(len(tokens), follow)
        return seen

    @torch.no_grad()
    def marginals(self, n: int, generator: torch.Generator) -> list[Tensor]:
        """The probability of every choice, a tensor [width] a slot: conditional ones, averaged over n drawn strings."""
        seen: list[Tensor] = []

        def draw(slot: int, log_p: Tensor) -> Tensor:
            seen.append(log_p.exp())  # [n, width]
            return torch.multinomial(seen[-1], 1, generator=generator).squeeze(1)  # [n]

        self._walk(n, draw)
        return [p.mean(0) for p in seen]

    def _walk(self, n: int, choose: Callable[[int, Tensor], Tensor]) -> Trace:
        token_input = self.start.expand(n, -1)  # [n, units]
        state: tuple[Tensor, Tensor] | None = None  # hidden and cell, each [n, units]
        chosen: list[Tensor] = []
        logprobs, entropy = [], []
        for slot, (kind, width) in enumerate(zip(self.kinds, self.widths, strict=True)):
            state = self.cell(token_input, state)
            logits = self.heads[kind](state[0])[:, :width]  # [n, width]: what does not exist yet is cut off
            log_p = masked(logits, self.masks.at(slot, chosen)).log_softmax(dim=1)  # [n, width]
            token = choose(slot, log_p)  # [n]
            chosen.append(token)
            logprobs.append(log_p.gather(1, token.unsqueeze(1)).squeeze(1))  # [n]
            entropy.append(-(log_p.exp() * log_p).sum(dim=1))  # [n]
            token_input = self.embeddings[kind](token)  # [n, units]
        return Trace(torch.stack(chosen, 1), torch.stack(logprobs, 1).sum(1), torch.stack(entropy, 1).sum(1))


def _vocabulary_sizes(kinds: tuple[str, ...], widths: tuple[int, ...]) -> dict[str, int]:
    """The widest slot of each kind: narrower slots of that kind offer the first of the same choices."""
    return {kind: max(w for k, w in zip(kinds, widths, strict=True) if k == kind) for kind in dict.fromkeys(kinds)}
