"""A value before it is checked, and its origin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.phrases import phrase

if TYPE_CHECKING:
    from pathlib import Path

COMMAND_LINE = phrase("command line")
DEFAULT = phrase("default")
ENVIRONMENT = phrase("environment")
LAST_START = phrase("last start")
"""Origins that are no files: English as a key, translated for display."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value as written, its origin, and the directory that a path in it counts from."""

    raw: object
    origin: str
    folder: Path
