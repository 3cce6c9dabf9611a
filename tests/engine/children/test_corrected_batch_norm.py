"""Batch norm that judges well after few steps, and as torch's after many."""

import torch
from torch import nn

from engine.children.networks.corrected_batch_norm import CorrectedBatchNorm2d


def trained(norm, steps):
    torch.manual_seed(0)
    batches = [3 + 2 * torch.randn(64, 2, 4, 4) for _ in range(steps)]
    norm.train()
    for batch in batches:
        norm(batch)
    return norm.eval(), batches


def test_after_one_step_the_averages_are_that_batch_s():
    norm, (batch,) = trained(CorrectedBatchNorm2d(2), 1)
    mean, variance = batch.mean(dim=(0, 2, 3)), batch.var(dim=(0, 2, 3))
    expected = (batch - mean[:, None, None]) / (variance[:, None, None] + norm.eps).sqrt()
    torch.testing.assert_close(norm(batch), expected)


def test_after_few_steps_they_are_the_weighted_mean_of_the_batches():
    norm, batches = trained(CorrectedBatchNorm2d(2), 3)
    weights = torch.tensor([0.9**2, 0.9, 1.0], dtype=torch.float64)
    means = torch.stack([batch.double().mean(dim=(0, 2, 3)) for batch in batches])
    variances = torch.stack([batch.double().var(dim=(0, 2, 3)) for batch in batches])
    mean, variance = ((weights[:, None] * of).sum(0) / weights.sum() for of in (means, variances))
    expected = (batches[0].double() - mean[:, None, None]) / (variance[:, None, None] + norm.eps).sqrt()
    torch.testing.assert_close(norm(batches[0]).double(), expected, rtol=1e-5, atol=1e-5)


def test_after_many_steps_it_is_torch_s():
    mine, batches = trained(CorrectedBatchNorm2d(2), 200)
    theirs, _ = trained(nn.BatchNorm2d(2), 200)
    torch.testing.assert_close(mine(batches[0]), theirs(batches[0]))


def test_in_training_it_is_torch_s_from_the_first_step():
    batch = torch.randn(8, 2, 4, 4)
    assert torch.equal(CorrectedBatchNorm2d(2)(batch), nn.BatchNorm2d(2)(batch))


def test_before_any_step_it_changes_nothing():
    batch = torch.randn(8, 2, 4, 4)
    torch.testing.assert_close(CorrectedBatchNorm2d(2).eval()(batch), nn.BatchNorm2d(2).eval()(batch))
