"""Trust region policy optimization (Schulman et al. 2015, arXiv 1502.05477, section 6 and appendix C).

The natural gradient comes from conjugate gradients on Fisher-vector products; a line search backs off until the step
improves the surrogate within the trust region. KL and Fisher matrix are those of each slot's whole softmax along the
rules of the round, summed over the slots. A queue's rules are a term of the surrogate: they move the natural gradient
and count in the line search, while the trust region stays that of the round's rules.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from engine.controllers.masks import Masks
from engine.controllers.policy_controller import PolicyController
from engine.language import Space
from engine.registry.controllers import TrpoSettings

BACKTRACKS = 10


class TRPOController(PolicyController[TrpoSettings]):
    def __init__(self, space: Space, settings: TrpoSettings, seed: int, masks: Masks | None = None) -> None:
        super().__init__(space, settings, seed, masks)
        self.parameters = list(self.policy.parameters())

    def learn(self, tokens: Tensor, logprobs: Tensor, rewards: Tensor) -> float:
        advantages = self.baseline.advantages(rewards)  # [n]
        loss = self._surrogate(tokens, logprobs, advantages)
        gradient = self._flat(self._gradient(loss))  # [parameters]
        if gradient.norm() > 0:
            old = [log_p.detach() for log_p in self.policy.distributions(tokens)]  # a slot: [n, width]
            direction = self._direction(tokens, old, -gradient)
            self._line_search(tokens, logprobs, advantages, old, direction, loss.item())
        return loss.item()

    def _surrogate(self, tokens: Tensor, logprobs: Tensor, advantages: Tensor) -> Tensor:
        trace = self.policy.evaluate(tokens)
        ratio = (trace.logprobs - logprobs).exp()  # [n]
        return self.with_queue(-(advantages * ratio).mean() - self.settings.entropy_coef * trace.entropy.mean())

    def _kl(self, tokens: Tensor, old: list[Tensor]) -> Tensor:
        """Mean over rules of Σ over slots KL(old ‖ new), in nats."""
        new = self.policy.distributions(tokens)
        kls = [(o.exp() * (o - n)).sum(dim=1) for o, n in zip(old, new, strict=True)]  # each [n]
        return torch.stack(kls).sum(dim=0).mean()

    def _direction(self, tokens: Tensor, old: list[Tensor], b: Tensor) -> Tensor:
        """The natural gradient, scaled so that its step just reaches the edge of the trust region. [parameters]"""
        kl_gradient = self._flat(self._gradient(self._kl(tokens, old), create_graph=True))

        def fisher(vector: Tensor) -> Tensor:
            product = self._flat(self._gradient(kl_gradient @ vector, retain_graph=True))
            return product + self.settings.damping * vector

        x = conjugate_gradient(fisher, b, self.settings.cg_steps)
        curvature = (x @ fisher(x)).clamp(min=1e-12)
        return x * (2 * self.settings.max_kl / curvature).sqrt()

    @torch.no_grad()
    def _line_search(
        self, tokens: Tensor, logprobs: Tensor, advantages: Tensor, old: list[Tensor], direction: Tensor, before: float
    ) -> None:
        """Halves the step until it improves the surrogate within the trust region; else nothing changes."""
        start = parameters_to_vector(self.parameters)
        for k in range(BACKTRACKS):
            vector_to_parameters(start + direction * 0.5**k, self.parameters)
            improved = self._surrogate(tokens, logprobs, advantages).item() < before
            if improved and self._kl(tokens, old).item() <= self.settings.max_kl * 1.5:
                return
        vector_to_parameters(start, self.parameters)

    def _gradient(
        self, value: Tensor, retain_graph: bool | None = None, create_graph: bool = False
    ) -> tuple[Tensor, ...]:
        """With zeros for what is not used: in one group the last token is no step's input, so it needs no embedding."""
        return torch.autograd.grad(
            value, self.parameters, retain_graph=retain_graph, create_graph=create_graph, materialize_grads=True
        )

    @staticmethod
    def _flat(gradients: tuple[Tensor, ...]) -> Tensor:
        return torch.cat([gradient.reshape(-1) for gradient in gradients])


def conjugate_gradient(product: Callable[[Tensor], Tensor], b: Tensor, steps: int, tolerance: float = 1e-10) -> Tensor:
    """x with A·x ≈ b for a positive definite A that is known by its products with vectors."""
    x, r, p = torch.zeros_like(b), b.clone(), b.clone()
    rr = r @ r
    for _ in range(steps):
        if rr < tolerance:
            break
        ap = product(p)
        alpha = rr / (p @ ap)
        x, r = x + alpha * p, r - alpha * ap
        rr, previous = r @ r, rr
        p = r + rr / previous * p
    return x
