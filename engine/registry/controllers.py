"""The controllers that write rules."""

from pydantic import Field

from engine.registry.entry import Entry, NoSettings, Settings, registry


class PolicySettings(Settings):
    """What every controller with an LSTM policy has; defaults marked as the paper's are its numbers."""

    learning_rate: float = Field(
        5e-3, gt=0, le=1, description="Adam's learning rate; the paper's 1e-5 is for more than 10,000 candidates."
    )
    entropy_coef: float = Field(
        0.0015, title="Entropy bonus", ge=0, le=10, description="Weight of the entropy bonus (paper: 0.0015)."
    )
    baseline_decay: float = Field(
        0.9, title="Reward baseline decay", ge=0, lt=1, description="Decay of the moving-average reward baseline."
    )
    max_grad_norm: float = Field(
        1.0, title="Largest gradient norm", gt=0, le=1000, description="Gradients longer than this are shortened."
    )
    units: int = Field(150, title="LSTM units", ge=1, le=2048, description="Units of the LSTM (paper: 150).")
    queue_size: int = Field(
        0,
        title="Queue of best rules",
        ge=0,
        le=1000,
        description="How many of its best rules the controller learns from again (priority queue training); 0: none.",
    )
    queue_weight: float = Field(
        0.05, title="Weight of the queue", ge=0, le=100, description="Weight of the queue's mean log-likelihood."
    )


class PpoSettings(PolicySettings):
    clip_coef: float = Field(
        0.2, title="Clip range", gt=0, le=1, description="How far a probability ratio counts (PPO's clip range)."
    )
    update_epochs: int = Field(
        4, title="Steps per round", ge=1, le=50, description="Gradient steps on each observed round."
    )


class TrpoSettings(PolicySettings):
    max_kl: float = Field(
        0.05,
        title="Trust region (KL)",
        gt=0,
        le=10,
        description="Size of the trust region: KL (nats a rule) of one update.",
    )
    cg_steps: int = Field(
        10, title="Conjugate gradient steps", ge=1, le=100, description="Steps of the conjugate gradient method."
    )
    damping: float = Field(0.1, ge=0, le=10, description="Added to the Fisher matrix's diagonal.")


class RiskSeekingSettings(PolicySettings):
    """With a queue, as it learns from few of its rules: benchmarks.controllers has figures with and without."""

    learning_rate: float = Field(5e-3, gt=0, le=1, description="Adam's learning rate.")
    queue_size: int = Field(
        10, title="Queue of best rules", ge=0, le=1000, description="Its best rules that it goes on learning from."
    )
    epsilon: float = Field(
        0.2, title="Best share ε", gt=0, le=1, description="The share of rewards that counts as the best."
    )
    window: int = Field(
        50,
        title="Window of rewards",
        ge=5,
        le=10_000,
        description="How many of the last rewards the quantile is taken over.",
    )


class EvolutionSettings(Settings):
    population: int = Field(25, ge=2, le=10_000, description="Members of the population.")
    tournament: int = Field(5, ge=1, le=1000, description="Members that each tournament compares.")


CONTROLLERS = registry(
    [
        Entry(
            "ppo",
            "PPO",
            "An LSTM that writes rules token by token and learns by proximal policy optimization.",
            "engine.controllers.ppo:PPOController",
            PpoSettings,
        ),
        Entry(
            "trpo",
            "TRPO",
            "The LSTM, trained by trust region policy optimization, as in the paper's ICML text.",
            "engine.controllers.trpo:TRPOController",
            TrpoSettings,
        ),
        Entry(
            "reinforce",
            "REINFORCE",
            "The LSTM, trained by the plain policy gradient with a moving-average reward baseline.",
            "engine.controllers.reinforce:ReinforceController",
            PolicySettings,
        ),
        Entry(
            "risk-seeking",
            "Risk-seeking policy gradient",
            "The LSTM, trained on the best share of its rules only: it aims at the best rule, not at a good mean.",
            "engine.controllers.risk_seeking:RiskSeekingController",
            RiskSeekingSettings,
        ),
        Entry(
            "evolution",
            "Regularized evolution",
            "A population of rules: the best of a few has a mutated child, and the oldest member dies.",
            "engine.controllers.evolution:EvolutionController",
            EvolutionSettings,
        ),
        Entry(
            "random",
            "Random search",
            "Every token is drawn evenly: the control that a learned controller has to beat.",
            "engine.controllers.random:RandomController",
            NoSettings,
        ),
    ]
)
