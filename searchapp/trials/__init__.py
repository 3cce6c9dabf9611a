"""Trials: confirmations, baselines, transfers and paths. What to train, who trains it, and what it came to."""
