"""The controllers that write rules."""

from pydantic import Field

from engine.registry.entry import Entry, NoSettings, Settings, registry


class PpoSettings(Settings):
    learning_rate: float = Field(
        2e-3, gt=0, le=1, description="Adam's learning rate; the paper's 1e-5 is for more than 10,000 candidates."
    )
    clip_coef: float = Field(0.2, gt=0, le=1, description="How far a probability ratio counts (PPO's clip range).")
    update_epochs: int = Field(4, ge=1, le=50, description="Gradient steps on each observed round.")
    entropy_coef: float = Field(0.0015, ge=0, le=10, description="Weight of the entropy bonus (paper: 0.0015).")
    baseline_decay: float = Field(0.9, ge=0, lt=1, description="Decay of the moving-average reward baseline.")
    max_grad_norm: float = Field(1.0, gt=0, le=1000, description="Gradients longer than this are shortened.")
    units: int = Field(150, ge=1, le=2048, description="Units of the LSTM (paper: 150).")


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
            "random",
            "Random search",
            "Every token is drawn evenly: the control that a learned controller has to beat.",
            "engine.controllers.random:RandomController",
            NoSettings,
        ),
    ]
)
