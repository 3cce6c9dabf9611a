"""Optimizers: any rule of the language as a torch optimizer."""

from engine.optim.rule_optimizer import RuleOptimizer

__all__ = ["RuleOptimizer"]
