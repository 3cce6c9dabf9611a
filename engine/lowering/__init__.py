"""Rules as straight-line Python over lists of tensors; torch-free."""

from engine.lowering.lower import list_lines

__all__ = ["list_lines"]
