"""The loops of batch norm, 2×2 max pooling and ReLU over channels-last planes.

Planes are [n, h, w, channels] of float32, float64, or bfloat16 as uint16; what belongs to a channel is [channels] of
float32, or of float64 for float64. Channels come last, so each inner loop runs over neighbours and is vectorised.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.children.kernels.compiled import compiled, load, store

Array = Any  # numba looks at what it is given

BLOCK = 64  # rows whose sums are in float32 before float64 takes over
INACTIVE = np.uint8(4)  # ReLU gave 0; 0 to 3 is the pixel that pooling chose


@compiled
def normalise(
    mean: Array, variance: Array, gamma: Array, beta: Array, eps: float, inverse: Array, factor: Array, offset: Array
) -> None:
    """Writes 1 / √(variance + eps), and the factor and offset with which batch norm is factor · x + offset."""
    for c in range(mean.shape[0]):
        inverse[c] = 1 / np.sqrt(variance[c] + eps)
        factor[c] = gamma[c] * inverse[c]
        offset[c] = beta[c] - mean[c] * factor[c]


@compiled
def follow(mean: Array, variance: Array, n: int, momentum: float, running_mean: Array, running_variance: Array) -> None:
    """Moves running averages towards a batch of n rows; the running variance is the unbiased one, as torch's."""
    for c in range(mean.shape[0]):
        running_mean[c] += momentum * (mean[c] - running_mean[c])
        running_variance[c] += momentum * (variance[c] * (n / (n - 1)) - running_variance[c])


@compiled
def moments(rows: Array, mean: Array, variance: Array) -> None:
    """Writes the mean and the variance (of the population) of rows [n, channels]."""
    n, channels = rows.shape
    sums, squares = np.zeros(channels, np.float64), np.zeros(channels, np.float64)
    block_sums, block_squares, shift = np.empty_like(mean), np.empty_like(mean), np.empty_like(mean)
    for c in range(channels):  # Squares lose nothing to a large mean when taken from near it.
        shift[c] = load(rows[0, c])
    for first in range(0, n, BLOCK):
        for c in range(channels):
            block_sums[c] = 0
            block_squares[c] = 0
        for i in range(first, min(n, first + BLOCK)):
            for c in range(channels):
                value = load(rows[i, c]) - shift[c]
                block_sums[c] += value
                block_squares[c] += value * value
        for c in range(channels):
            sums[c] += block_sums[c]
            squares[c] += block_squares[c]
    for c in range(channels):
        offset = sums[c] / n
        spread = squares[c] / n - offset * offset
        mean[c] = offset + shift[c]
        variance[c] = 0.0 if spread < 0 else spread


@compiled
def scale(x: Array, factor: Array, offset: Array, out: Array) -> None:
    """ReLU of factor · x + offset, [n, h, w, channels] -> the same shape."""
    count, height, width, channels = x.shape
    for n in range(count):
        for h in range(height):
            for w in range(width):
                for c in range(channels):
                    value = factor[c] * load(x[n, h, w, c]) + offset[c]
                    out[n, h, w, c] = store(np.float32(0) if value <= 0 else value, out[0, 0, 0, 0])


@compiled
def scale_and_pool(x: Array, factor: Array, offset: Array, out: Array, chosen: Array, values: Array) -> None:
    """ReLU of the largest of four factor · x + offset -> out [n, h // 2, w // 2, channels].

    NaN is larger than every number, as it is for torch. ``chosen`` (uint8) tells which of the four it was, or INACTIVE,
    and ``values`` its x; both in the shape of ``out``.
    """
    count, height, width, channels = out.shape
    for n in range(count):
        for h in range(height):
            for w in range(width):
                x0, x1 = x[n, 2 * h, 2 * w], x[n, 2 * h, 2 * w + 1]
                x2, x3 = x[n, 2 * h + 1, 2 * w], x[n, 2 * h + 1, 2 * w + 1]
                o, k, v = out[n, h, w], chosen[n, h, w], values[n, h, w]
                for c in range(channels):
                    v0, v1, v2, v3 = load(x0[c]), load(x1[c]), load(x2[c]), load(x3[c])
                    best, which, value = factor[c] * v0 + offset[c], np.uint8(0), v0
                    other = factor[c] * v1 + offset[c]
                    if other > best or other != other:
                        best, which, value = other, np.uint8(1), v1
                    other = factor[c] * v2 + offset[c]
                    if other > best or other != other:
                        best, which, value = other, np.uint8(2), v2
                    other = factor[c] * v3 + offset[c]
                    if other > best or other != other:
                        best, which, value = other, np.uint8(3), v3
                    if best <= 0:
                        best, which = np.float32(0), INACTIVE
                    o[c] = store(best, o[c])
                    k[c] = which
                    v[c] = store(value, v[c])


@compiled
def sums(d: Array, x: Array, out: Array, mean: Array, to_beta: Array, to_centred: Array) -> None:
    """Writes Σ d and Σ d · (x − mean) over what ReLU let through: where ``out`` is not 0. All [n, h, w, channels]."""
    count, height, width, channels = d.shape
    row_beta, row_centred = np.empty_like(mean), np.empty_like(mean)
    total_beta, total_centred = np.zeros(channels, np.float64), np.zeros(channels, np.float64)
    for n in range(count):
        for h in range(height):
            for c in range(channels):
                row_beta[c] = 0
                row_centred[c] = 0
            for w in range(width):
                for c in range(channels):
                    g = load(d[n, h, w, c])
                    if load(out[n, h, w, c]) == 0:
                        g = np.float32(0)
                    row_beta[c] += g
                    row_centred[c] += g * (load(x[n, h, w, c]) - mean[c])
            for c in range(channels):
                total_beta[c] += row_beta[c]
                total_centred[c] += row_centred[c]
    for c in range(channels):
        to_beta[c] = total_beta[c]
        to_centred[c] = total_centred[c]


@compiled
def slopes(
    n: int, inverse: Array, factor: Array, to_beta: Array, to_centred: Array, to_gamma: Array, k0: Array, k1: Array
) -> None:
    """What batch norm's gradient adds to factor · d for each of n rows: k0 + k1 · (x − mean)."""
    for c in range(inverse.shape[0]):
        to_gamma[c] = to_centred[c] * inverse[c]
        k0[c] = -factor[c] * to_beta[c] / n
        k1[c] = -factor[c] * inverse[c] * to_gamma[c] / n


@compiled
def unscale(d: Array, x: Array, out: Array, mean: Array, factor: Array, k0: Array, k1: Array, dx: Array) -> None:
    """The gradient of ``scale``'s input, all [n, h, w, channels]."""
    count, height, width, channels = x.shape
    for n in range(count):
        for h in range(height):
            for w in range(width):
                for c in range(channels):
                    g = factor[c] * load(d[n, h, w, c])
                    if load(out[n, h, w, c]) == 0:
                        g = np.float32(0)
                    dx[n, h, w, c] = store(g + (k0[c] + k1[c] * (load(x[n, h, w, c]) - mean[c])), dx[0, 0, 0, 0])


@compiled
def unpool(d: Array, x: Array, chosen: Array, mean: Array, factor: Array, k0: Array, k1: Array, dx: Array) -> None:
    """The gradient of ``scale_and_pool``'s input [n, h, w, channels]; d and chosen [n, h // 2, w // 2, channels]."""
    count, height, width, channels = x.shape
    g = np.empty_like(factor)
    for n in range(count):
        for h in range(height // 2):
            for w in range(width // 2):
                d_row, chosen_row = d[n, h, w], chosen[n, h, w]
                for c in range(channels):
                    g[c] = factor[c] * load(d_row[c])
                for k in range(4):
                    x_row, dx_row = x[n, 2 * h + k // 2, 2 * w + k % 2], dx[n, 2 * h + k // 2, 2 * w + k % 2]
                    for c in range(channels):
                        back = g[c] if chosen_row[c] == k else np.float32(0)
                        dx_row[c] = store(back + (k0[c] + k1[c] * (load(x_row[c]) - mean[c])), dx_row[c])
            if width % 2:  # The last column and row, which pooling left out, still moved mean and variance.
                leave(x[n, 2 * h, width - 1], mean, k0, k1, dx[n, 2 * h, width - 1])
                leave(x[n, 2 * h + 1, width - 1], mean, k0, k1, dx[n, 2 * h + 1, width - 1])
        if height % 2:
            for w in range(width):
                leave(x[n, height - 1, w], mean, k0, k1, dx[n, height - 1, w])


@compiled
def leave(x: Array, mean: Array, k0: Array, k1: Array, dx: Array) -> None:
    """The gradient of a pixel [channels] that nobody read."""
    for c in range(x.shape[0]):
        dx[c] = store(k0[c] + k1[c] * (load(x[c]) - mean[c]), dx[c])


@compiled
def forward(
    x: Array, gamma: Array, beta: Array, running: Any, momentum: float, eps: float, rows: Array, pooled: bool, kept: Any
) -> None:
    """A training step's way forward.

    Args:
        running: running mean and variance, which move.
        rows: [5, channels]; written: mean, variance, 1 / √(variance + eps), factor, offset.
        kept: out, chosen and values as of ``scale_and_pool``; without pooling only out is written.
    """
    mean, variance, inverse, factor, offset = rows[0], rows[1], rows[2], rows[3], rows[4]
    count, height, width, channels = x.shape
    n = count * height * width
    moments(x.reshape(n, channels), mean, variance)
    follow(mean, variance, n, momentum, running[0], running[1])
    normalise(mean, variance, gamma, beta, eps, inverse, factor, offset)
    if pooled:
        scale_and_pool(x, factor, offset, kept[0], kept[1], kept[2])
    else:
        scale(x, factor, offset, kept[0])


@compiled
def backward(d: Array, x: Array, kept: Any, rows: Array, pooled: bool, gradients: Array, dx: Array) -> None:
    """Its way back: dx, and in ``gradients`` [5, channels] those of beta and gamma in the first two rows."""
    mean, inverse, factor = rows[0], rows[2], rows[3]
    to_beta, to_gamma, to_centred, k0, k1 = gradients[0], gradients[1], gradients[2], gradients[3], gradients[4]
    count, height, width, _ = x.shape
    sums(d, kept[2] if pooled else x, kept[0], mean, to_beta, to_centred)
    slopes(count * height * width, inverse, factor, to_beta, to_centred, to_gamma, k0, k1)
    if pooled:
        unpool(d, x, kept[1], mean, factor, k0, k1, dx)
    else:
        unscale(d, x, kept[0], mean, factor, k0, k1, dx)


@compiled
def cross_entropy(logits: Array, targets: Array, losses: Array, d: Array, to_bias: Array) -> None:
    """Mean losses (nats) of each member, and their gradients.

    Args:
        logits: [members, n, classes]; d, of the same shape and type, is written.
        targets: int64 [n].
        losses, to_bias: float32 [members] and [members, classes], written; to_bias is Σ d over the examples.
    """
    members, count, classes = logits.shape
    row = np.empty(classes, losses.dtype)
    for member in range(members):
        to_bias[member, :] = 0
        total = 0.0
        for i in range(count):
            highest = load(logits[member, i, 0])
            for c in range(classes):
                row[c] = load(logits[member, i, c])
                if row[c] > highest or row[c] != row[c]:
                    highest = row[c]
            sum_of_powers = 0.0
            wanted = row[targets[i]]
            for c in range(classes):
                row[c] = np.exp(row[c] - highest)
                sum_of_powers += row[c]
            total += np.log(sum_of_powers) - (wanted - highest)
            for c in range(classes):
                slope = (row[c] / sum_of_powers - (1.0 if c == targets[i] else 0.0)) / count
                to_bias[member, c] += slope
                d[member, i, c] = store(slope, d[member, i, c])
        losses[member] = total / count


@compiled
def patches(images: Array, padded: Array, out: Array) -> None:
    """The 3 × 3 pixels around each, 0 outside: images [n, h, w] -> out [n · h · w, 9]; padded is [h + 2, w + 2]."""
    count, height, width = images.shape
    padded[:] = 0
    place = 0
    for n in range(count):
        padded[1 : height + 1, 1 : width + 1] = images[n]
        for h in range(height):
            above, here, below = padded[h], padded[h + 1], padded[h + 2]
            for w in range(width):
                pixel = out[place]
                pixel[0], pixel[1], pixel[2] = above[w], above[w + 1], above[w + 2]
                pixel[3], pixel[4], pixel[5] = here[w], here[w + 1], here[w + 2]
                pixel[6], pixel[7], pixel[8] = below[w], below[w + 1], below[w + 2]
                place += 1
