"""Compiled loops for what torch does in several passes over memory. `fused.norm_pool_relu` is all that others call."""
