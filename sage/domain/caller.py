"""Who asks."""

from __future__ import annotations

from dataclasses import dataclass

from sage.domain.memories import DEFAULT_SPACE


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who saves and searches: all they reach lies in one space."""

    space_id: str = DEFAULT_SPACE
