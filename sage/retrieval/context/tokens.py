"""Compute an upper bound of the tokens of a text in a language model, without its tokenizer.

The model that will read a context is not known here, so each piece of a text costs as much as in
the most expensive of eleven tokenizers. docs/adr/0012 names them, and says what is proven and what
is measured. A word costs the fewest pieces of `vocabulary/word_pieces.txt` that compose it; that
file lists the pieces that are one token in every tokenizer. A character of another script costs one
token or two if it does so in every tokenizer (`one_token.txt`, `two_tokens.txt`), otherwise as many
as it has bytes in UTF-8, the most that any byte-level tokenizer needs.
"""

from __future__ import annotations

import math
import re
import unicodedata
from functools import lru_cache
from importlib import resources
from string import ascii_letters
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_CHARS_PER_TOKEN = 16

_PIECE = re.compile(
    r"(?<![^\n]) (?! )|[0-9]{1,32}|(?: (?=[^ 0-9]))?(?:[A-Za-z]{1,32}| {1,32}|.)", re.DOTALL
)
# Costs are whole hundredths of a token, so that sums do not depend on their order.
_TOKEN = 100
_MIN_FOR_DIGITS = 2
_LONE = frozenset("';,.?]^~!)|\t\n\r")  # a space before one of these is a token of its own
_MARKED_OFF = frozenset("^~")  # words do not join these
_CYRILLIC = range(0x0400, 0x0460)
_CYRILLIC_LETTER = 85
_CYRILLIC_CAPITAL = 135
_DEVANAGARI = range(0x0900, 0x0980)
_DEVANAGARI_CHAR = 140
_LATIN = range(0x00AA, 0x0250)
_ALPHABETS = range(0x00AA, 0x2000)
_ALPHABETIC = 25  # what a character takes more inside a word than alone
_BYTE = 115


def _listed(name: str) -> str:
    folder = resources.files("sage.retrieval.context").joinpath("vocabulary")
    return folder.joinpath(name).read_text(encoding="utf-8")


# Where a word begins: after a space; elsewhere, which is dearer. And where it ends.
_SPACED, _UNSPACED, _END = "<|>"
_NO_START, _NO_END = "Z", "JQZ"  # capitals that are dearer there


def _word_pieces() -> Iterator[str]:
    yield from (_SPACED, _UNSPACED, _END)
    for letter in ascii_letters:
        ends = ("", _END) if letter not in _NO_END else ("",)
        starts = ("", _SPACED, _UNSPACED) if letter not in _NO_START else ("",)
        yield from (f"{start}{letter}{end}" for start in starts for end in ends)
    for piece in _listed("word_pieces.txt").split():
        yield piece
        if piece.startswith(_UNSPACED):
            yield _SPACED + piece[1:]


def _beginnings_of(pieces: Iterable[str]) -> dict[str, bool]:
    """Return all prefixes of the pieces, each with whether it is a whole piece."""
    whole = dict.fromkeys(pieces, True)
    return {piece[:end]: False for piece in whole for end in range(1, len(piece))} | whole


_PIECES = _beginnings_of(_word_pieces())
_TOKENS_OF = bytearray(0x1_0000)  # by the code of a character, 0 for those that are not listed
for _char in _listed("two_tokens.txt"):
    _TOKENS_OF[ord(_char)] = 2
for _char in _listed("one_token.txt"):
    _TOKENS_OF[ord(_char)] = 1


def listed_tokens(char: str) -> int:
    """Return how many tokens a character has in every tokenizer: 1, 2, or 0 if they differ."""
    code = ord(char)
    return _TOKENS_OF[code] if code < len(_TOKENS_OF) else 0


def count_tokens_upper_bound(text: str) -> int:
    """Return an upper bound of the tokens of `text` in common tokenizers."""
    return math.ceil(sum(map(_cost, _PIECE.findall(text))) / _TOKEN)


@lru_cache(32_768)
def _cost(piece: str) -> int:
    if not piece.strip(" "):
        return _TOKEN + len(piece) * _TOKEN // MAX_CHARS_PER_TOKEN
    chars = piece.removeprefix(" ")  # inside a line, a space is part of what comes after it
    spaced = chars != piece
    if not chars.isascii():
        return _wide(chars) + _TOKEN * (spaced and not _joins_space(chars))
    if chars.isalpha():
        return _TOKEN * _word(chars, _SPACED if spaced else _UNSPACED)
    if chars.isdigit():
        return _TOKEN * max(_MIN_FOR_DIGITS, len(chars))
    return _TOKEN * (1 + (chars in _MARKED_OFF) + (spaced and chars in _LONE))


def _joins_space(char: str) -> bool:
    return ord(char) in _CYRILLIC or (ord(char) in _LATIN and listed_tokens(char) == 1)


def _word(word: str, start: str) -> int:
    whole = f"{start}{word}{_END}"
    if not word.istitle() or _PIECES.get(whole):
        return _fewest(whole)
    return 1 + _fewest(whole.lower())  # some have a token for the capital


def _fewest(marked: str) -> int:
    """Return the fewest pieces that compose a word between its marks."""
    fewest = [0] + [len(marked)] * len(marked)  # before each place
    for start in range(len(marked)):
        pieces = fewest[start] + 1
        for end in range(start + 1, len(marked) + 1):
            is_whole = _PIECES.get(marked[start:end])
            if is_whole is None:
                break
            if is_whole and pieces < fewest[end]:
                fewest[end] = pieces
    return fewest[-1]


def _wide(char: str) -> int:
    code = ord(char)
    tokens = listed_tokens(char)
    if code in _CYRILLIC and listed_tokens(char.lower()) == 1:
        return _CYRILLIC_CAPITAL if char.isupper() else _CYRILLIC_LETTER
    if code in _DEVANAGARI and tokens:
        return _DEVANAGARI_CHAR
    inside = _ALPHABETIC if code in _ALPHABETS else 0
    if tokens:
        return tokens * _TOKEN + inside
    size = max(_bytes_of(char), _bytes_of(unicodedata.normalize("NFKC", char)))
    return size * _BYTE + inside + (_TOKEN if char.isupper() else 0)


def _bytes_of(text: str) -> int:
    return len(text.encode(errors="surrogatepass"))
