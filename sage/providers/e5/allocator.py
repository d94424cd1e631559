"""What is asked of glibc's allocator, so that it keeps less memory than it does for speed."""

from __future__ import annotations

import ctypes
import sys

# The names of malloc.h.
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8
_LARGE = 4 * 1024 * 1024
"""More than embedding a text takes at once."""


def share_memory() -> None:
    """Make threads begun from now on take memory from one place: what one frees, others use.

    All but large blocks are taken from there. Mapped by themselves, as those of 128 kB are, the
    blocks that a question needs are zeroed anew for each: a millisecond of 16 for a search.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_M_ARENA_MAX, 1)
            mallopt(_M_MMAP_THRESHOLD, _LARGE)
            mallopt(_M_TRIM_THRESHOLD, 2 * _LARGE)


def return_freed_memory() -> None:
    """Return what is free to the system: 20 MB after loading that glibc keeps otherwise."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
