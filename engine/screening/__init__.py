"""Screening: what is decided about a rule before any training, and which rules are one."""

from engine.screening.decisions import Decision, screen
from engine.screening.prints import fingerprint, probe_fingerprint

__all__ = ["Decision", "fingerprint", "probe_fingerprint", "screen"]
