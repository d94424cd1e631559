"""Guessing which variable a mistyped name stands for."""

from __future__ import annotations

import difflib

from sage.config.variables import BY_NAME, BY_PATH

_LIKENESS = 0.84
_PREFIX = "SAGE_"
_UNPREFIXED = ("MCP_SERVER_", "EMBEDDING_", "SILICONFLOW_")


def meant_by(name: str) -> str | None:
    """Name the variable that an unknown `SAGE_...` name probably stands for, if one does.

    Names of other programs share the environment, so that only a near miss counts.
    """
    if not name.startswith((_PREFIX, *_UNPREFIXED)):
        return None
    rest = name.removeprefix(_PREFIX)
    for known in (rest, f"MCP_SERVER_{rest}", f"SAGE_{rest}"):
        if known in BY_NAME:
            return known
    return _nearest(name, [*BY_NAME, *(variable.file_name for variable in BY_NAME.values())])


def meant_by_key(key: str) -> str | None:
    """Name the key of a TOML file that an unknown one probably stands for, if one does."""
    return _nearest(key.lower(), list(BY_PATH)) or meant_by(key.upper())


def meant_by_choice(word: str, choices: tuple[str, ...]) -> str | None:
    """Name the word of a closed list that an unknown one probably stands for, if one does."""
    by_lower = {choice.lower(): choice for choice in choices}
    found = _nearest(word.lower(), list(by_lower), likeness=0.6)
    return by_lower[found] if found else None


def _nearest(word: str, known: list[str], likeness: float = _LIKENESS) -> str | None:
    return next(iter(difflib.get_close_matches(word, known, n=1, cutoff=likeness)), None)
