"""What the live page shows beside the search's own numbers: packed tokens, workers, children in training."""
