"""What is asked of glibc's allocator, so that it keeps less memory than it does for speed."""

from __future__ import annotations

import ctypes
import sys

_M_ARENA_MAX = -8
"""As in malloc.h."""


def share_memory() -> None:
    """Make threads begun from now on take memory from one place: what one frees, others use."""
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_M_ARENA_MAX, 1)


def return_freed_memory() -> None:
    """Return what is free to the system: 20 MB after loading that glibc keeps otherwise."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
