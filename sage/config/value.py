"""A value that is set, before it is checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Value:
    """A value as it was written, where, and the folder that a path in it counts from."""

    raw: object
    origin: str
    folder: Path
