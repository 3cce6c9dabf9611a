"""The compiled loops give torch's own numbers: forward, gradients and running averages; NaN and infinity stay."""

from itertools import product

import pytest
import torch
import torch.nn.functional as F

from engine.children.kernels.fused import Averages, norm_pool_relu

TOLERANCE = {torch.float64: (1e-11, 1e-11), torch.float32: (2e-5, 2e-5), torch.bfloat16: (2e-2, 4e-2)}

SHAPES = [(6, 5, 8, 8), (3, 32, 7, 5), (2, 7, 2, 3), (70, 3, 4, 4)]


def plain(planes, gamma, beta, averages, pooled, training):
    """torch's operations, one after the other."""
    normed = F.batch_norm(planes, averages.mean, averages.variance, gamma, beta, training, averages.momentum)
    return F.relu(F.max_pool2d(normed, 2) if pooled else normed)


def sample(shape, dtype, seed=0):
    torch.manual_seed(seed)
    planes = (3 * torch.randn(shape, dtype=torch.float64) + 2).contiguous(memory_format=torch.channels_last).to(dtype)
    kind = torch.float32 if dtype == torch.bfloat16 else dtype
    gamma, beta = torch.randn(2, shape[1], dtype=kind).unbind()  # gamma has negative entries too
    return planes, gamma, beta


def both(planes, gamma, beta, pooled, wide=None, training=True):
    """For our function and torch's: what comes out, all gradients, and the averages; torch's in the type ``wide``."""
    results = []
    for function, kind in ((norm_pool_relu, None), (plain, wide)):
        x, g, b = ((t.to(kind) if kind else t).detach().clone().requires_grad_(training) for t in (planes, gamma, beta))
        averages = Averages(torch.zeros_like(g.detach()), torch.ones_like(g.detach()))
        out = function(x, g, b, averages, pooled, training)
        if training:
            torch.manual_seed(1)
            out.backward(torch.randn(out.shape, dtype=torch.float64).to(planes.dtype).to(out.dtype))
        results.append([out.detach(), x.grad, g.grad, b.grad, averages.mean, averages.variance])
    return results


def assert_equal(mine, theirs, dtype):
    rtol, atol = TOLERANCE[dtype]
    for one, other in zip(mine, theirs, strict=True):
        if other is not None:
            torch.testing.assert_close(one.double(), other.double(), rtol=rtol, atol=atol)


@pytest.mark.parametrize("dtype", list(TOLERANCE))
@pytest.mark.parametrize(("shape", "pooled"), [*product(SHAPES, (True, False)), ((5, 40, 1, 1), False)])
def test_training_gives_torch_s_values_gradients_and_running_averages(shape, pooled, dtype):
    wide = torch.float32 if dtype == torch.bfloat16 else None  # bfloat16 is judged by float32 on the same numbers
    assert_equal(*both(*sample(shape, dtype), pooled, wide), dtype)


@pytest.mark.parametrize("dtype", list(TOLERANCE))
@pytest.mark.parametrize("pooled", [True, False])
def test_evaluation_uses_the_running_averages_and_moves_nothing(pooled, dtype):
    planes, gamma, beta = sample((4, 6, 9, 8), dtype)
    averages = Averages(torch.randn_like(gamma), torch.rand_like(gamma) + 0.5)
    before = averages.mean.clone(), averages.variance.clone()
    with torch.no_grad():
        mine = norm_pool_relu(planes, gamma, beta, averages, pooled, training=False)
        kind = gamma.dtype
        theirs = plain(planes.to(kind), gamma, beta, averages, pooled, training=False)
    assert_equal([mine], [theirs], dtype)
    assert torch.equal(averages.mean, before[0])
    assert torch.equal(averages.variance, before[1])


@pytest.mark.parametrize("pooled", [True, False])
def test_the_gradient_is_the_derivative(pooled):
    planes, gamma, beta = (t.requires_grad_() for t in sample((2, 3, 4, 5), torch.float64))
    averages = Averages(torch.zeros(3, dtype=torch.float64), torch.ones(3, dtype=torch.float64))
    assert torch.autograd.gradcheck(
        lambda x, g, b: norm_pool_relu(x, g, b, averages, pooled, True), (planes, gamma, beta)
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("pooled", [True, False])
@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_what_is_not_finite_comes_out_as_torch_has_it(value, training, pooled, place):
    planes, gamma, beta = sample((3, 4, 4, 4), torch.float32)
    planes[1, 2, place // 2, place % 2] = value
    mine, theirs = both(planes, gamma, beta, pooled, training=training)
    torch.testing.assert_close(mine[0], theirs[0], equal_nan=True)
    assert bool(torch.isfinite(mine[0][:, [0, 1, 3]]).all())


def test_a_gradient_that_is_not_finite_stays_in_its_channel():
    planes = sample((3, 4, 4, 4), torch.float32)[0].requires_grad_()
    out = norm_pool_relu(planes, torch.ones(4), torch.ones(4), Averages(torch.zeros(4), torch.ones(4)), True, True)
    d = torch.ones_like(out)
    d[:, 1] = float("nan")
    out.backward(d)
    assert bool(planes.grad[:, 1].isnan().all())
    assert bool(planes.grad[:, [0, 2, 3]].isfinite().all())


def test_planes_whose_variance_overflows_float32_are_normed_as_torch_does():
    planes, gamma, beta = sample((4, 3, 4, 4), torch.float32)
    mine, theirs = both(planes * 1e25, gamma, beta + 1, True)
    torch.testing.assert_close(mine[0], theirs[0])


def test_one_value_a_channel_is_refused_as_torch_does():
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        norm_pool_relu(torch.ones(1, 3, 1, 1), torch.ones(3), torch.zeros(3), Averages(torch.zeros(3), torch.ones(3)),
                       False, True)  # fmt: skip


def test_planes_in_another_layout_give_the_same():
    planes, gamma, beta = sample((3, 4, 6, 6), torch.float32)
    averages = Averages(torch.zeros(4), torch.ones(4))
    last = norm_pool_relu(planes, gamma, beta, averages, True, True)
    assert torch.equal(last, norm_pool_relu(planes.contiguous(), gamma, beta, averages, True, True))


def test_the_loops_work_where_no_folder_can_keep_them(tmp_path, monkeypatch):
    from engine.children.kernels import compiled

    def refuse(*arguments, cache=False, **options):
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return lambda function: function

    monkeypatch.setattr(compiled.numba, "njit", refuse)
    assert compiled.compiled(len)([1, 2]) == 2


@pytest.mark.parametrize("value", [1.0, 1.00390625, 1.01171875, -3.3e38, 1e-40, float("nan"), float("inf"), 3.4e38])
def test_bfloat16_is_rounded_as_torch_rounds_it(value):
    x = torch.full((1, 1, 1, 1), value)
    out = torch.empty(1, 1, 1, 1, dtype=torch.bfloat16)
    from engine.children.kernels import fused, loops

    fused.call(loops.scale, x.abs(), torch.ones(1), torch.zeros(1), out)
    torch.testing.assert_close(out, x.abs().bfloat16(), rtol=0, atol=0, equal_nan=True)
