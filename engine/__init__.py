"""Optimizer search: the engine."""
