"""How many files and connections this process may open."""

from __future__ import annotations

import resource
from contextlib import suppress

_ENOUGH = 10_240  # also what macOS allows where its hard limit is infinite


def raise_descriptor_limit() -> None:
    """Raise the limit to the hard one, or to what is enough; it is never lowered."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _ENOUGH if hard == resource.RLIM_INFINITY else min(hard, _ENOUGH)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
