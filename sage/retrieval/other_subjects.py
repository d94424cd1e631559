"""Tell a question from the same question about something else.

"Which port does pelican use?" and "Which port does heron use?" share most of their words, and mean
nearly the same to a model, yet what answers one is no answer to the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.retrieval.text.analysis import analyze

if TYPE_CHECKING:
    from sage.retrieval.text.analysis import TextUnit

_MOST_CHARS = 2_000


def subject_replaced(question: str, query: str) -> str | None:
    """Return the part of a query that a question has other words in place of, None without one.

    All that stands before and behind that part is the same in both but for the words that only
    shape a question, and holds more than those.
    """
    if max(len(question), len(query)) > _MOST_CHARS:
        return None
    asked, wanted = analyze(question).pieces, analyze(query).pieces
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
    return analyze(query).text[own[0].starts_at : own[-1].ends_at]


def _without_ends(pieces: tuple[TextUnit, ...]) -> tuple[TextUnit, ...]:
    """Return pieces without words at the ends that only ask."""
    meant = [place for place, piece in enumerate(pieces) if piece.term]
    return pieces[meant[0] : meant[-1] + 1]
