"""Mask the secrets in a text."""

from __future__ import annotations

import re

from sage.masking.rules import LEAST_OF_TOKEN, MARKS, MARKS_WITHOUT_TOKENS, RULES

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MASK = "[masked]"
_MAY_HAVE_TOKENS = re.compile(LEAST_OF_TOKEN)


def masked(text: str) -> str:
    """Return a text with `[masked]` in place of each secret; names, schemes and users stay."""
    return count_masked(text)[0]


def count_masked(text: str) -> tuple[str, Mapping[str, int]]:
    """Return a text with its secrets masked, and how many there were of each kind.

    What is masked already is left as it is.
    """
    parts: list[str] = []
    counts: dict[str, int] = {}
    done = 0
    for start, end, kind in _merged(text):
        parts += [text[done:start], MASK]
        counts[kind] = counts.get(kind, 0) + 1
        done = end
    return ("".join([*parts, text[done:]]), counts) if counts else (text, {})


def _merged(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the secrets in their order; of those that overlap, one with the kind listed first."""
    found = iter(_found(text))
    now = next(found, None)
    while now is not None:
        start, end, place = now
        for now in found:
            if now[0] >= end:
                break
            end, place = max(end, now[1]), min(place, now[2])
        else:
            now = None
        yield start, end, RULES[place].kind


def _found(text: str) -> list[tuple[int, int, int]]:
    lowered = text.replace("\u0130", "i").lower()  # the one character that lower() makes longer
    marks = MARKS if _MAY_HAVE_TOKENS.search(text) else MARKS_WITHOUT_TOKENS
    return sorted(
        (*span, place)
        for mark, place in marks
        if mark in lowered
        for span in RULES[place].spans(text, lowered, mark)
    )
