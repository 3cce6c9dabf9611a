"""TRPO's parts against formulas, and its promise: a step stays within the trust region."""

import torch

from engine.controllers.trpo import TRPOController, conjugate_gradient
from engine.language import Space
from engine.registry.controllers import TrpoSettings

SPACE = Space(["g", "m", "1"], ["x", "exp"], ["+", "*"], 2)


def test_conjugate_gradients_solve_a_positive_definite_system() -> None:
    generator = torch.Generator().manual_seed(0)
    root = torch.randn(8, 8, generator=generator, dtype=torch.float64)
    matrix, b = root @ root.T + torch.eye(8), torch.randn(8, generator=generator, dtype=torch.float64)
    x = conjugate_gradient(lambda v: matrix @ v, b, 30)
    torch.testing.assert_close(x, torch.linalg.solve(matrix, b), rtol=1e-4, atol=1e-4)


def test_every_update_improves_the_surrogate_within_the_trust_region() -> None:
    controller = TRPOController(SPACE, TrpoSettings(units=12, max_kl=0.02), 0)
    for _ in range(10):
        batch = controller.propose(6)
        rewards = (batch.tokens[:, 2] == 1).float()
        old = [log_p.detach() for log_p in controller.policy.distributions(batch.tokens)]
        advantages = controller.baseline.advantages(rewards)
        before = controller._surrogate(batch.tokens, batch.logprobs, advantages).item()
        controller.observe(batch, rewards.tolist())
        after = controller._surrogate(batch.tokens, batch.logprobs, advantages).item()
        assert controller._kl(batch.tokens, old).item() <= 0.02 * 1.5 + 1e-6
        assert after <= before + 1e-6


def test_kl_of_a_policy_from_itself_is_zero_and_from_another_positive() -> None:
    one, other = (TRPOController(SPACE, TrpoSettings(units=12), seed) for seed in (0, 1))
    tokens = one.propose(5).tokens
    own = [log_p.detach() for log_p in one.policy.distributions(tokens)]
    assert abs(one._kl(tokens, own).item()) < 1e-6
    assert other._kl(tokens, own).item() > 0
