"""Mask the secrets in a text."""

from __future__ import annotations

import re

from sage.domain.text.masking.rules import MARKS, MARKS_WITHOUT_TOKENS, MIN_TOKEN, RULES
from sage.domain.text.unseen import places_seen, without_all_unseen

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

MASK = "[masked]"
_TOKEN_OF_SAGE = next(place for place, rule in enumerate(RULES) if rule.kind == "sage_token")
_MAY_HAVE_TOKENS = re.compile(MIN_TOKEN)


def masked(text: str) -> str:
    """Return a text with `[masked]` in place of each secret; names, schemes and users stay."""
    return count_masked(text)[0]


def count_masked(text: str, known: Collection[str] = ()) -> tuple[str, Mapping[str, int]]:
    """Return a text with its secrets masked, and the number of secrets of each kind.

    `known` are tokens of Sage, which are masked whatever they look like. Secrets that are masked
    already are left as they are.
    """
    parts: list[str] = []
    counts: dict[str, int] = {}
    done = 0
    for start, end, kind in _merged(text, known):
        parts += [text[done:start], MASK]
        counts[kind] = counts.get(kind, 0) + 1
        done = end
    return ("".join([*parts, text[done:]]), counts) if counts else (text, {})


def _merged(text: str, known: Collection[str]) -> Iterator[tuple[int, int, str]]:
    """Yield the secrets in order; of overlapping ones, one with the kind that is listed first."""
    found = iter(_found(text, known))
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


def _found(text: str, known: Collection[str]) -> list[tuple[int, int, int]]:
    """Return the secrets in a text, also those with invisible characters in between.

    Such characters are removed when the text is recalled: the secret would then be whole.
    """
    found = _spans(text, known)
    seen = without_all_unseen(text)
    if len(seen) < len(text) and (more := _spans(seen, known)):
        places = places_seen(text)
        found += [(places[start], places[end - 1] + 1, place) for start, end, place in more]
    return sorted(found)


def _spans(text: str, known: Collection[str]) -> list[tuple[int, int, int]]:
    lowered = text.replace("\u0130", "i").lower()  # the one character that lower() makes longer
    marks = MARKS if _MAY_HAVE_TOKENS.search(text) else MARKS_WITHOUT_TOKENS
    found = [
        (*span, place)
        for mark, places in marks.items()
        if mark in lowered
        for place in places
        for span in RULES[place].spans(text, lowered, mark)
    ]
    for one in known:
        if one in text:
            found += [(*at.span(), _TOKEN_OF_SAGE) for at in re.finditer(re.escape(one), text)]
    return found
