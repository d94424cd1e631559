"""Tell a question from the same question about something else.

"Which port does pelican use?" and "Which port does heron use?" share most of their words, and mean
nearly the same to a model, yet what answers one is no answer to the other.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from sage.retrieval.asking_words import ASKING, UNSPACED_ASKING
from sage.retrieval.simplified_chinese import simplified
from sage.retrieval.words import normalized, words_of

_KEPT_TEXTS = 256
_MOST_CHARS = 2_000


class _Piece(NamedTuple):
    """A word or a character of a script without spaces; words that only ask are all alike."""

    term: str
    starts_at: int
    ends_at: int


def subject_replaced(question: str, query: str) -> str | None:
    """Return the part of a query that a question has other words in place of, None without one.

    All that stands before and behind that part is the same in both but for the words that only
    shape a question, and holds more than those.
    """
    if max(len(question), len(query)) > _MOST_CHARS:
        return None
    _, asked = _pieces_of(question)
    text, wanted = _pieces_of(query)
    before = 0
    while before < min(len(asked), len(wanted)) and asked[before].term == wanted[before].term:
        before += 1
    behind = 0
    while behind < min(len(asked), len(wanted)) - before and (
        asked[-1 - behind].term == wanted[-1 - behind].term
    ):
        behind += 1
    other, own = (pieces[before : len(pieces) - behind] for pieces in (asked, wanted))
    shared = (*wanted[:before], *wanted[len(wanted) - behind :])
    if not all(any(piece.term for piece in pieces) for pieces in (other, own, shared)):
        return None
    own = _without_ends(own)
    return text[own[0].starts_at : own[-1].ends_at]


def _without_ends(pieces: tuple[_Piece, ...]) -> tuple[_Piece, ...]:
    """Return pieces without words at the ends that only ask."""
    meant = [place for place, piece in enumerate(pieces) if piece.term]
    return pieces[meant[0] : meant[-1] + 1]


@lru_cache(_KEPT_TEXTS)
def _pieces_of(text: str) -> tuple[str, tuple[_Piece, ...]]:
    """Return a text as it is compared, and what it is made of."""
    text = simplified(normalized(text))
    pieces: list[_Piece] = []
    for word in words_of(text):
        if word.run:
            asking = [match.span() for match in UNSPACED_ASKING.finditer(word.spelling)]
            at = 0
            for begins, ends in (*asking, (len(word.spelling), len(word.spelling))):
                for offset in range(at, begins):
                    start = word.starts_at + offset
                    pieces.append(_Piece(word.spelling[offset], start, start + 1))
                if ends > begins:
                    pieces.append(_Piece("", word.starts_at + begins, word.starts_at + ends))
                at = ends
        else:
            term = "" if word.spelling in ASKING else word.term
            pieces.append(_Piece(term, word.starts_at, word.ends_at))
    kept = [
        piece
        for place, piece in enumerate(pieces)
        if piece.term or not place or pieces[place - 1].term
    ]
    return text, tuple(kept)
