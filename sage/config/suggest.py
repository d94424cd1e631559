"""Guessing which name or word a mistyped one stands for."""

from __future__ import annotations

from functools import cache

from sage.config.names import NAMES, PATHS
from sage.errors import closest

_LIKENESS = 0.84
_LIKENESS_UNPREFIXED = 0.9
_PREFIX = "SAGE_"
_OURS = (_PREFIX, "MCP_SERVER_", "EMBEDDING_", "SILICONFLOW_")


@cache  # a verb reads the environment twice, in which most names are those of other programs
def variable_like(name: str) -> str | None:
    """Return the variable that an unknown name probably stands for, None where none is close.

    Names of other programs share the environment: a name without a prefix of ours has to be closer.
    """
    rest = name.removeprefix(_PREFIX)
    for known in (rest, f"MCP_SERVER_{rest}") if name.startswith(_PREFIX) else (_PREFIX + name,):
        if known in PATHS:
            return known
    known_names = (*PATHS, *(f"{known}_FILE" for known in PATHS))
    return closest(name, known_names, _LIKENESS if name.startswith(_OURS) else _LIKENESS_UNPREFIXED)


def key_like(key: str) -> str | None:
    """Return the key of a TOML file that an unknown one probably stands for, if one is close."""
    return closest(key.lower(), NAMES, _LIKENESS) or variable_like(key.upper())


def choice_like(word: str, choices: tuple[str, ...]) -> str | None:
    """Return the word of a closed list that an unknown one probably stands for, if one is close."""
    by_lower = {choice.lower(): choice for choice in choices}
    found = closest(word.lower(), by_lower)
    return by_lower[found] if found else None
