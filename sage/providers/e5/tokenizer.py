"""Split a text into the tokens of the model, as SentencePiece does with the same vocabulary.

SentencePiece takes 34 MB of memory for the 250,000 pieces. Here they are a tree in a mapped file,
of which a process holds what its texts touch, and short words are remembered.
"""

from __future__ import annotations

import math
import mmap
import struct
from bisect import bisect_left
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from sage.providers.e5.normalization import BLANK, Normalizer, Rules

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

HEADER = struct.Struct("<4I")
"""How many nodes, pieces and followers the file has, and the token of what is in no piece."""
_ITEM = 4
_MOST_WORDS = 4_096
_SHORT = 16
_MOST_FIRST = 1_024
_UNKNOWN_COSTS = np.float32(10)
_ROUNDED_BY = 32 * 2**-23
"""At most, a sum of scores for each character: none is below -32."""


class _Split(NamedTuple):
    """The best way to split a text, and the least difference that decided between two ways."""

    tokens: tuple[int, ...]
    least: float


class Tokenizer:
    """The pieces and their scores. Calls may overlap."""

    def __init__(self, path: Path) -> None:
        """Map the file. Raises OSError."""
        with path.open("rb") as file:
            content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        nodes, pieces, followers, self._unknown = HEADER.unpack_from(content)
        items = (_ITEM * count for count in (nodes, nodes + 1, nodes, pieces, followers))
        ends = accumulate(items, initial=HEADER.size)
        parts = [content[begin:end] for begin, end in pairwise((*ends, len(content)))]
        self._chars, self._children = parts[0].cast("I"), parts[1].cast("I")
        self._tokens = parts[2].cast("i")
        self._scores = parts[3].cast("f")
        rounded = np.frombuffer(parts[3], "<f4")
        self._rounded = cast("Sequence[float]", rounded)
        self._unknown_score = cast("float", rounded.min() - _UNKNOWN_COSTS)
        rules = Rules(parts[5].tobytes())
        self._normalizer = Normalizer(rules, parts[4].tobytes().decode("utf-32-le"))
        self._split_short = lru_cache(_MOST_WORDS)(self._split)
        self._first = lru_cache(_MOST_FIRST)(self._child)

    def encode(self, text: str) -> list[int]:
        """Return the tokens of a text.

        Words are split one by one, since no piece is of two. Where two ways to split a word are so
        close that rounding decides, as it does after the words before, the text is split as one.
        """
        normalized = self._normalizer.normalize(text)
        rounding = _ROUNDED_BY * len(normalized)
        tokens: list[int] = []
        for rest in normalized.split(BLANK)[1:]:
            word = BLANK + rest
            found = self._split_short(word) if len(word) <= _SHORT else self._split(word)
            if found.least <= rounding * len(word):
                return [*self._split(normalized, self._rounded).tokens]
            tokens += found.tokens
        return tokens

    def _split(self, text: str, scores: Sequence[float] | None = None) -> _Split:
        """Find the best way through a text, in the order of SentencePiece.

        With `self._rounded` as scores, sums are rounded as SentencePiece does.
        """
        scores = self._scores if scores is None else scores
        codes = [*map(ord, text)]
        best: list[float] = [0.0] * (len(codes) + 1)
        last: dict[int, tuple[int, int]] = {}
        least = math.inf
        for start in range(len(codes)):
            for end, number in self._pieces_at(codes, start):
                score = self._unknown_score if number == self._unknown else scores[number]
                total = best[start] + score
                if end in last:
                    difference = total - best[end]
                    least = min(least, abs(difference))
                    if difference <= 0:
                        continue
                best[end], last[end] = total, (start, number)
        return _Split(self._collected(last, len(codes)), float(least))

    def _pieces_at(self, codes: Sequence[int], start: int) -> list[tuple[int, int]]:
        """Return where each piece that begins there ends, shortest first, and its number."""
        found: list[tuple[int, int]] = []
        node, end = self._first(codes[start]), start + 1
        while node:
            number = self._tokens[node]
            if number >= 0:
                found.append((end, number))
            node = self._child(codes[end], node) if end < len(codes) else 0
            end += 1
        if not found or found[0][0] > start + 1:
            found.append((start + 1, self._unknown))
        return found

    def _child(self, code: int, node: int = 0) -> int:
        """Return the child of a node with that character, 0 without one."""
        end = self._children[node + 1]
        child = bisect_left(self._chars, code, self._children[node], end)
        return child if child < end and self._chars[child] == code else 0

    def _collected(self, last: dict[int, tuple[int, int]], place: int) -> tuple[int, ...]:
        """Return the pieces on the way to a place; what is unknown side by side is one of them."""
        numbers: list[int] = []
        while place:
            place, number = last[place]
            if number != self._unknown or numbers[-1:] != [number]:
                numbers.append(number)
        return tuple(reversed(numbers))
