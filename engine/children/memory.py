"""Keeping freed memory: a training allocates the same large tensors at each step."""

from __future__ import annotations

import ctypes
import sys
from functools import cache

# glibc's mallopt(3). Above the threshold a tensor is given back to the system when freed, and each of its pages is
# fetched and cleared anew at the next step; 32 MiB is the highest one that glibc takes.
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3
SETTINGS = {M_MMAP_THRESHOLD: 32 * 2**20, M_TRIM_THRESHOLD: 2**30, M_TOP_PAD: 64 * 2**20}


@cache
def keep_freed() -> bool:
    """For this process, from now on. False where the C library is not glibc, whose way this is."""
    if sys.platform != "linux":
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return all(mallopt(parameter, value) == 1 for parameter, value in SETTINGS.items())
