"""Queues and workers as the people who run them see them: what they may ask, what is shown, who asked what."""
