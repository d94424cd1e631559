"""Settings of glibc's allocator that reduce its memory at the cost of some speed."""

from __future__ import annotations

import ctypes
import sys

_M_ARENA_MAX = -8
"""As in malloc.h."""


def share_memory() -> None:
    """Make threads started from now on share one arena: memory that one frees, others use."""
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_M_ARENA_MAX, 1)


def return_freed_memory() -> None:
    """Return free memory to the system: 20 MB after loading, which glibc would retain."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
