"""Bound the number of tokens a text takes in a language model, without its tokenizer."""

from __future__ import annotations

import re

_PIECE = re.compile(
    r"(?P<word> ?[A-Za-z]+)|(?P<space>[ \t]+|\n+)|(?P<number>[0-9])|(?P<rest>[^A-Za-z0-9\s]|\s)"
)
_CHARS_PER_WORD_TOKEN = 2


def count_tokens_upper_bound(text: str) -> int:
    """Give a number of tokens that common tokenizers do not exceed for `text`."""
    total = 0
    for piece in _PIECE.finditer(text):
        match piece.lastgroup:
            case "word":
                total += 1 + len(piece.group().strip()) // _CHARS_PER_WORD_TOKEN
            case "rest":
                total += min(len(piece.group().encode()), 3)
            case _:
                total += 1
    return total
