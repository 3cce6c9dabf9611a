"""A decoder-only transformer over characters: causal attention, norms before each part (Radford et al. 2019, GPT-2).

The embedding is also the output layer's weight (Press and Wolf 2017). There is no dropout: a run's randomness is its
seed's alone, and a few epochs of text do not overfit.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.registry.networks import TransformerSettings

WIDENING = 4  # of the feed-forward network
DEVIATION = 0.02  # of the weights, as in GPT-2


class Attention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.inputs = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """[n, length, width] -> the same shape; each place sees itself and those before it."""
        n, length, width = x.shape
        split = self.inputs(x).view(n, length, 3, self.heads, width // self.heads)
        query, key, value = split.permute(2, 0, 3, 1, 4)  # each [n, heads, length, width / heads]
        seen = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        return self.output(seen.transpose(1, 2).reshape(n, length, width))  # type: ignore[no-any-return]


class Block(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(width), Attention(width, heads)
        self.norm2 = nn.LayerNorm(width)
        self.feed_forward = nn.Sequential(
            nn.Linear(width, WIDENING * width), nn.GELU(), nn.Linear(WIDENING * width, width)
        )

    def forward(self, x: Tensor) -> Tensor:
        """[n, length, width] -> the same shape"""
        x = x + self.attention(self.norm1(x))
        return x + self.feed_forward(self.norm2(x))  # type: ignore[no-any-return]


class Transformer(nn.Module):
    def __init__(self, settings: TransformerSettings, length: int, classes: int) -> None:
        super().__init__()
        width = settings.width
        self.characters = nn.Embedding(classes, width)
        self.places = nn.Parameter(torch.zeros(length, width))
        self.blocks = nn.Sequential(*(Block(width, settings.heads) for _ in range(settings.layers)))
        self.norm = nn.LayerNorm(width)
        self.apply(_draw)
        nn.init.normal_(self.places, std=DEVIATION)

    def forward(self, characters: Tensor) -> Tensor:
        """int64 [n, length] -> logits [n · length, classes] of the character after each place"""
        x = self.characters(characters) + self.places[: characters.shape[1]]  # [n, length, width]
        return F.linear(self.norm(self.blocks(x)).flatten(0, 1), self.characters.weight)


def _draw(module: nn.Module) -> None:
    if isinstance(module, nn.Linear | nn.Embedding):
        nn.init.normal_(module.weight, std=DEVIATION)
    if isinstance(module, nn.Linear):
        nn.init.zeros_(module.bias)


def build(settings: TransformerSettings, *, length: int, classes: int) -> Transformer:
    return Transformer(settings, length, classes)
