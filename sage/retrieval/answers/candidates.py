"""Select, before ranking, the rows read for a question that may answer it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sage.domain.message_class import MessageClass
from sage.retrieval.query.same_questions import NAMES_OR_DENIES, subject_replaced
from sage.retrieval.ranking.evidence import REACH
from sage.retrieval.ranking.ranker import MAX_ANSWERS
from sage.retrieval.text.duplicates import adds_nothing
from sage.retrieval.text.lexemes import query_of
from sage.retrieval.text.sentences import split_at_question
from sage.retrieval.text.stopwords import ENGLISH_STOPWORDS
from sage.retrieval.text.words import terms_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from numpy.typing import NDArray

    from sage.domain.candidates import FoundColumns

_HALF = 2
_ASKING = [one.code for one in MessageClass if one.asks]


@dataclass(frozen=True, slots=True)
class CandidateSelection:
    """The rows to rank: those that `is_kept` marks. The others are ignored.

    `off_topic` are the excluded questions about something else, each once; `in_doubt` are the
    questions that may be about something else and are ranked all the same, since no row is about
    the subject of the query.
    """

    is_kept: NDArray[np.bool_]
    off_topic: tuple[UUID, ...] = ()
    in_doubt: frozenset[UUID] = frozenset()

    @classmethod
    def of_all(cls, found: FoundColumns) -> CandidateSelection:
        """Return a selection of all rows."""
        return cls(np.ones(len(found.asked), dtype=bool))


def select_candidates(found: FoundColumns, query: str, terms: Sequence[str]) -> CandidateSelection:
    """Select rows; `terms` are the terms of the query, in the order of the columns of `term_ranks`.

    Rows that would pass for an answer without being one are excluded: a text that only repeats the
    query, also after a statement about something else, if it has no answer; all but the newest of
    equal questions; and a question that differs from the query only in its subject, if another row
    is about the subject of the query.
    """
    held = (found.term_ranks > 0).sum(axis=1)
    asking = [
        place
        for place in np.flatnonzero(found.is_candidate & (held > 0)).tolist()
        if found.asked[place] is not None
    ]
    only_asks = np.isin(found.class_code, _ASKING)
    is_kept = np.ones(len(held), dtype=bool)
    for place in asking:
        if not only_asks[place] and _HALF * held[place] >= len(terms):
            is_kept[place] = not _asks_the_same(found.asked[place], query)
    subjects = _Subjects(found, query, terms, found.is_candidate & is_kept)
    others = [place for place in asking if only_asks[place] and subjects.differ(place)]
    away = [place for place in others if subjects.is_covered(place)]
    is_kept[away] = False
    is_kept[[*_repeated(found, np.flatnonzero(only_asks & is_kept).tolist())]] = False
    newest = {found.asked[place]: place for place in sorted(away, key=found.created_at.__getitem__)}
    off_topic = sorted(newest.values(), key=lambda place: (-found.word_rank[place], place))
    ids = found.memory_id
    return CandidateSelection(
        is_kept,
        tuple(ids[off_topic].tolist()),
        frozenset(ids[others].tolist()).difference(ids[away]),
    )


def _asks_the_same(text: str, query: str) -> bool:
    """Return whether a text only asks what a query asks, and states nothing about it before that.

    If in doubt, it states something: it names a number or a thing, or denies something.
    """
    before, question = split_at_question(text)
    if (
        not before
        or NAMES_OR_DENIES.search(before)
        or not terms_in(before).isdisjoint(terms_in(query) - ENGLISH_STOPWORDS)
    ):
        return adds_nothing(text, query)
    return adds_nothing(question, query)


class _Subjects:
    """The subjects of the questions found, compared with that of a query."""

    def __init__(
        self, found: FoundColumns, query: str, terms: Sequence[str], may_answer: NDArray[np.bool_]
    ) -> None:
        self._found = found
        self._query = query
        self._terms = terms
        self._has = found.term_ranks > 0
        self._may_answer = may_answer
        self._replaced: dict[str, list[int] | None] = {}
        self._covered: dict[str, bool] = {}

    def differ(self, place: int) -> bool:
        """Return whether a question asks the same as the query, but about another subject.

        It does not if the messages after it are about the subject of the query, that is, if they
        contain at least half of its terms.
        """
        columns = self._columns(place)
        if columns is None:
            return False
        held = self._has[self._exchange(place)][:, columns].any(axis=0)
        return not columns or _HALF * int(held.sum()) < len(columns)

    def is_covered(self, place: int) -> bool:
        """Return whether some row contains all terms that the query has in place of the subject."""
        text = self._found.asked[place]
        if text not in self._covered:
            columns = self._columns(place)
            held = self._has[self._may_answer][:, columns or ()]
            self._covered[text] = bool(columns) and bool(held.all(axis=1).any())
        return self._covered[text]

    def _columns(self, place: int) -> list[int] | None:
        """Return the columns of the query's terms in place of the subject; None without one."""
        text = self._found.asked[place]
        if text not in self._replaced:
            subject = subject_replaced(text, self._query)
            terms = () if subject is None else query_of(subject).terms
            columns = [self._terms.index(one) for one in terms if one in self._terms]
            self._replaced[text] = None if subject is None else columns
        return self._replaced[text]

    def _exchange(self, place: int) -> slice:
        """Return the places of a question and of the messages after it in its session."""
        session = self._found.session_id
        end = place + 1
        while end < min(len(session), place + REACH + 1) and session[end] == session[place]:
            end += 1
        return slice(place, end)


def _repeated(found: FoundColumns, questions: Sequence[int]) -> Iterator[int]:
    """Yield the places of equal questions except the newest ones, whose answers may differ."""
    alike: dict[tuple[object, ...], list[int]] = {}
    for place in questions:
        if found.asked[place] is None:
            continue
        key = (found.asked[place].lower(), found.role[place], found.name[place])
        alike.setdefault(key, []).append(place)
    for places in alike.values():
        places.sort(key=found.created_at.__getitem__, reverse=True)
        yield from places[MAX_ANSWERS:]
