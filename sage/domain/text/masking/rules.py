"""All rules. Overlapping secrets count as the kind that is listed first."""

from __future__ import annotations

from sage.domain.text.masking.assignments import ASSIGNMENTS
from sage.domain.text.masking.carriers import CARRIERS
from sage.domain.text.masking.password_hashes import PASSWORD_HASHES
from sage.domain.text.masking.private_keys import PRIVATE_KEYS
from sage.domain.text.masking.vendor_tokens import VENDOR_TOKENS

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

RULES = (*VENDOR_TOKENS, *PRIVATE_KEYS, *PASSWORD_HASHES, *CARRIERS, *ASSIGNMENTS)

_PLACES = tuple((mark, place) for place, rule in enumerate(RULES) for mark in rule.marks)


def _marks(places: Iterable[tuple[str, int]]) -> Mapping[str, Sequence[int]]:
    by_mark: dict[str, list[int]] = {}
    for mark, place in places:
        by_mark.setdefault(mark, []).append(place)
    return by_mark


MARKS = _marks(_PLACES)
"""The marks to search for, with the places of their rules."""

MIN_TOKEN = r"[A-Za-z0-9_./+=~:-]{16}"  # noqa: S105 - a pattern
"""Matches in every token of VENDOR_TOKENS. Most prose has no such word."""

MARKS_WITHOUT_TOKENS = _marks(one for one in _PLACES if one[1] >= len(VENDOR_TOKENS))
