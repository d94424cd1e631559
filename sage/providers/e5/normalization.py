"""Normalize a text as the tokenizer expects it: in NFKC, and with one mark before each word."""

from __future__ import annotations

import re
import struct
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

BLANK = "\u2581"
"""The mark, which SentencePiece puts in the place of blanks."""
_SIZE = struct.Struct("<I")
_Unit = TypeVar("_Unit", int, NDArray[np.signedinteger[Any]])

LABEL = 0x8000_00FF
"""The bits of a node that are the byte it stands for."""
_VALUE = 0x7FFF_FFFF
_MOST_CHARS = 8_192


class Rules:
    """What stands for which characters, in a table of SentencePiece: a double array, and texts."""

    def __init__(self, table: bytes) -> None:
        (size,) = _SIZE.unpack_from(table)
        self.units = memoryview(table)[_SIZE.size : _SIZE.size + size].cast("I")
        self._texts = table[_SIZE.size + size :]

    def longest(self, text: bytes) -> tuple[int, bytes]:
        """Return how many bytes the longest rule for how a text begins takes, and what it gives.

        Without a rule that is the first character as it is.
        """
        node = children_of(self.units[0])
        taken = given = 0
        for place, byte in enumerate(text, 1):
            node ^= byte
            unit = self.units[node]
            if unit & LABEL != byte:
                break
            node ^= children_of(unit)
            if ends_rule(unit):
                taken, given = place, self.units[node] & _VALUE
        if not taken:
            first = text.decode()[0].encode()
            return len(first), first
        return taken, self._texts[given : self._texts.index(0, given)]


def children_of(unit: _Unit) -> _Unit:
    """Return by which bits the place of a node and that of its children differ."""
    return unit >> 10 << ((unit & 0x200) >> 6)


def ends_rule(unit: _Unit) -> _Unit:
    """Return 1 for a node at which a rule ends, else 0."""
    return unit >> 8 & 1


class Normalizer:
    """Normalizes texts by rules, of which these are the followers."""

    def __init__(self, rules: Rules, followers: str) -> None:
        self._rules = rules
        self._alone = _Alone(rules)
        self._together = re.compile(f"(.[{re.escape(followers)}]+)", re.DOTALL)

    def normalize(self, text: str) -> str:
        """Return the words of a text, or nothing where it has none."""
        parts = self._together.split(text)
        parts[::2] = [part.translate(self._alone) for part in parts[::2]]
        parts[1::2] = map(self._joined, parts[1::2])
        words = filter(None, "".join(parts).split(" "))
        return "".join(BLANK + word for word in words).rstrip(BLANK)

    def _joined(self, text: str) -> str:
        """Apply the longest rule at each place."""
        left, done = text.encode(), b""
        while left:
            taken, given = self._rules.longest(left)
            left, done = left[taken:], done + given
        return done.decode()


class _Alone(dict[int, str]):
    """What stands for a character that is none of several: of those met last."""

    def __init__(self, rules: Rules) -> None:
        super().__init__()
        self._rules = rules

    def __missing__(self, code: int) -> str:
        if len(self) == _MOST_CHARS:
            self.clear()
        _, given = self._rules.longest(chr(code).encode())
        self[code] = given.decode()
        return self[code]
