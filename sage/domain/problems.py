"""A problem found in a configuration, told so that it can be mended."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: which variable, where its value came from, what to do."""

    variable: str
    origin: str
    message: str
    hint: str

    def __str__(self) -> str:
        """Give the problem in one line."""
        return f"{self.variable} (from {self.origin}): {self.message}. {self.hint}"
