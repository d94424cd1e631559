"""Shorten long texts, and state the number of characters that are left out."""

from __future__ import annotations

import unicodedata

_JOINER = "\u200d"
_GO_ON = frozenset({"Cf", "Mc", "Me", "Mn", "Sk"})
"""Categories of characters shown as one with the character before: accents, joiners, skin tones."""
_OF_FLAGS = "".join(map(chr, range(0x1F1E6, 0x1F200)))
"""Two of these letters are shown as a flag."""
_NEAR = 32
"""The number of characters before the limit that are searched for the end of a word."""


def left_out(chars: int) -> str:
    """Return the mark that replaces the characters of a text that are left out."""
    return f"[... {chars:,} characters left out]"


def abridged(text: str, most: int) -> str:
    """Return a text of at most `most` characters: its beginning, a mark and its end.

    `most` is 200 or more. No word is cut in two if it ends nearby, nor anything that is shown as
    one character, such as an emoji.
    """
    if len(text) <= most:
        return text
    half = (most - len(f"\n{left_out(len(text))}\n")) // 2
    beginning = text[: _seam(text, half, -1)].rstrip()
    end = text[_seam(text, len(text) - half, 1) :].lstrip()
    return f"{beginning}\n{left_out(len(text) - len(beginning) - len(end))}\n{end}"


def _seam(text: str, at: int, step: int) -> int:
    """Return where to cut: at a blank near `at` in the direction of `step`, else near it.

    If there is no such place near `at`, as within a letter with forty accents, it is `at`.
    """
    seams = [near for near in range(at, at + step * _NEAR, step) if not _is_joined(text, near)]
    blanks = (near for near in seams if text[near - 1].isspace() or text[near].isspace())
    return next(blanks, seams[0] if seams else at)


def _is_joined(text: str, at: int) -> bool:
    """Return whether the characters before and after a position are shown as one."""
    before, behind = text[at - 1], text[at]
    if before == _JOINER or unicodedata.category(behind) in _GO_ON:
        return True
    if before not in _OF_FLAGS or behind not in _OF_FLAGS:
        return False
    return (at - len(text[:at].rstrip(_OF_FLAGS))) % 2 == 1
