"""Compiling with numba, once a machine where its result can be kept; and bfloat16, which numba does not know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np
from numba import types
from numba.extending import intrinsic, overload

Function = TypeVar("Function", bound=Callable[..., Any])

# Sums may be reordered (always in the same way), and multiplied and added at once; NaN and infinity stay.
FAST = {"reassoc", "nsz", "contract", "arcp"}


def compiled(function: Function) -> Function:
    """The function compiled for the types that it is called with; it runs without Python's lock.

    What is kept is used until the function's own file changes: after a change here alone, touch those that call this.
    """
    options: dict[str, Any] = {"fastmath": FAST, "error_model": "numpy", "nogil": True}
    try:
        return numba.njit(cache=True, **options)(function)  # type: ignore[no-any-return]
    except RuntimeError:  # Neither NUMBA_CACHE_DIR nor the sources' folder nor the user's can be written.
        return numba.njit(**options)(function)  # type: ignore[no-any-return]


def load(value: Any) -> Any:
    """An array's entry as a number: bfloat16, which comes as uint16, as float32; other types as they are."""
    raise NotImplementedError("only in compiled functions")


def store(value: Any, entry: Any) -> Any:
    """A number as an array's entry of the type of ``entry``: the nearest bfloat16, even bits at a tie, or itself."""
    raise NotImplementedError("only in compiled functions")


@intrinsic
def _bits(typing: Any, value: Any) -> Any:
    """float32 -> uint32"""
    return types.uint32(types.float32), lambda context, builder, signature, arguments: builder.bitcast(
        arguments[0], context.get_value_type(types.uint32)
    )


@intrinsic
def _of_bits(typing: Any, value: Any) -> Any:
    """uint32 -> float32"""
    return types.float32(types.uint32), lambda context, builder, signature, arguments: builder.bitcast(
        arguments[0], context.get_value_type(types.float32)
    )


@overload(load, jit_options={"fastmath": FAST, "error_model": "numpy"})
def _load(value: Any) -> Any:
    return _from_bfloat16 if value == types.uint16 else _same


@overload(store, jit_options={"fastmath": FAST, "error_model": "numpy"})
def _store(value: Any, entry: Any) -> Any:
    return _to_bfloat16 if entry == types.uint16 else _unchanged


# Their signatures are those of the functions above, annotations included: numba compares them.
def _same(value: Any) -> Any:
    return value


def _from_bfloat16(value: Any) -> Any:
    return _of_bits(np.uint32(value) << np.uint32(16))  # type: ignore[call-arg]


def _unchanged(value: Any, entry: Any) -> Any:
    return value


def _to_bfloat16(value: Any, entry: Any) -> Any:
    bits: Any = _bits(np.float32(value))  # type: ignore[call-arg]
    rounded = (bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))) >> np.uint32(16)
    is_nan = (bits & np.uint32(0x7FFFFFFF)) > np.uint32(0x7F800000)  # which rounding could make infinite
    return np.uint16(np.uint32(0x7FC0) if is_nan else rounded)
