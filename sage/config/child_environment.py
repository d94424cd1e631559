"""The environment of this process, for what hands a part of it on."""

from __future__ import annotations

import os


def variables_set(*names: str) -> dict[str, str]:
    """Return those of the named variables that are set to more than an empty text."""
    return {name: value for name in names if (value := os.environ.get(name))}


def terminal_variables() -> dict[str, str]:
    """Return the variables that say what the terminal is like."""
    return variables_set("NO_COLOR", "TERM", "COLUMNS")
