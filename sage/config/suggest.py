"""Guessing which name or word a mistyped one stands for."""

from __future__ import annotations

import difflib

from sage.config.variables import BY_NAME, BY_PATH

_LIKENESS = 0.84
_LIKENESS_UNPREFIXED = 0.9
_PREFIX = "SAGE_"
_OURS = (_PREFIX, "MCP_SERVER_", "EMBEDDING_", "SILICONFLOW_")


def variable_like(name: str) -> str | None:
    """Return the variable that an unknown name probably stands for, None where none is close.

    Names of other programs share the environment: a name without a prefix of ours has to be closer.
    """
    rest = name.removeprefix(_PREFIX)
    for known in (rest, f"MCP_SERVER_{rest}") if name.startswith(_PREFIX) else (_PREFIX + name,):
        if known in BY_NAME:
            return known
    known_names = [*BY_NAME, *(f"{known}_FILE" for known in BY_NAME)]
    return _nearest(
        name, known_names, _LIKENESS if name.startswith(_OURS) else _LIKENESS_UNPREFIXED
    )


def key_like(key: str) -> str | None:
    """Return the key of a TOML file that an unknown one probably stands for, if one is close."""
    return _nearest(key.lower(), list(BY_PATH), _LIKENESS) or variable_like(key.upper())


def choice_like(word: str, choices: tuple[str, ...]) -> str | None:
    """Return the word of a closed list that an unknown one probably stands for, if one is close."""
    by_lower = {choice.lower(): choice for choice in choices}
    found = _nearest(word.lower(), list(by_lower), likeness=0.6)
    return by_lower[found] if found else None


def _nearest(word: str, known: list[str], likeness: float) -> str | None:
    return next(iter(difflib.get_close_matches(word, known, n=1, cutoff=likeness)), None)
