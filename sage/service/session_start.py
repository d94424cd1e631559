"""Chooses memories for the start of a session: preferences, decisions, and the last sessions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from sage.domain.memories import Role
from sage.domain.recall import Stated
from sage.retrieval.preferences.decisions import changes_in, decisions_in, replaces
from sage.retrieval.preferences.stated import preferences_in
from sage.retrieval.preferences.topics import select_lasting, still_holding, topics_of
from sage.retrieval.recall.exchanges import (
    excerpt,
    exchanges_in,
    informative_others,
    is_resolved,
    select_exchanges,
    shortened,
)
from sage.retrieval.recall.tasks import asks_for
from sage.retrieval.text.duplicates import adds_nothing
from sage.retrieval.text.own_words import said_in_own_words
from sage.retrieval.text.words import terms_in
from sage.service.corrections import corrections_of
from sage.service.marks import Marks
from sage.service.search.answers import reply_of
from sage.store.projects import (
    has_other_users,
    latest_sessions_of_project,
    stated_of_project,
    turns_of_session,
)
from sage.store.repeating import repeatable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime
    from uuid import UUID

    from sage.domain.exchanges import Reply
    from sage.domain.memories import Memory, MemoryRecord
    from sage.domain.recall import RecallRequest, SessionTurn
    from sage.retrieval.preferences.stated import Preference
    from sage.retrieval.preferences.topics import PreferenceTopic
    from sage.retrieval.recall.exchanges import Exchange
    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database

_SESSIONS = 2
_LAST_EXCHANGES = 2
"""In the latest session; one less in the one before. The first of each is included, too."""
_MATCHES = 300
_PREFERENCES = 5
_PREFERENCES_ELSEWHERE = 3
_DECISIONS = 5
_BESIDES = 100
"""The rank from which entries only fill the remaining room."""
_STATED = 50
"""The number of ranks reserved for statements in a session: they come before what was done."""
_PREFERENCE = "preference"
_DECISION = "decision"
_STATEMENTS = (_PREFERENCE, _DECISION)
"""The labels of parts of messages."""
_HOOKS = "hooks-"
"""The prefix of the names of tokens that hooks use for a user without a name."""


class SessionStartItem(NamedTuple):
    """A memory as it is shown, its label, and its priority if there is not room for all.

    `correction` is the correction of it. With `is_part` it is a sentence of a longer message.
    """

    memory: MemoryRecord
    rank: int
    label: str = ""
    correction: Reply | None = None
    is_part: bool = False

    @property
    def heading(self) -> str:
        """The label, and that it is a part."""
        return f"{self.label}, from a longer message" if self.is_part else self.label

    @property
    def memory_ids(self) -> tuple[UUID, ...]:
        """The ids of the memory and of its correction."""
        pair = (self.memory, self.correction)
        return tuple(one.memory_id for one in pair if one is not None)


class _SessionTurns(NamedTuple):
    """The messages of a session, in order, and its exchanges."""

    turns: Sequence[SessionTurn]
    exchanges: Sequence[Exchange]


class SessionStart:
    """Reads memories for the start of sessions; where projects are `apart`, only their own."""

    def __init__(self, database: Database, *, apart: bool, marks: Marks | None = None) -> None:
        self._database = database
        self._marks = marks or Marks(database)
        self._apart = apart

    @repeatable
    async def pieces(self, request: RecallRequest) -> list[SessionStartItem]:
        """Return the memories for the start of a session, in the order to be shown.

        Memories that were marked as not useful there in the same project are left out. Raises
        StoreError.
        """
        async with self._database.across_spaces() as conn:
            alone = not await has_other_users(conn, request.space_id, request.reader)
        async with self._database.in_space(request.space_id) as conn:
            sessions = await _sessions(conn, request)
            preferences = await self._preferences(conn, request, alone=alone)
            decisions = await _decisions(conn, request)
            said = [*preferences, *decisions]
            ids = {one.memory.memory_id for one in said}
            ids |= {turn.memory.memory_id for one in sessions for turn in one.turns}
            corrections = await corrections_of(conn, request.space_id, [*ids])
            marked = await self._marks.at_start(conn, request.space_id, request.project)
        sessions = _without_answered(sessions)
        by_session = [_items_of(one, age, corrections, request) for age, one in enumerate(sessions)]
        last = [piece for session in reversed(by_session) for piece in session]
        pieces = [*said, *last]
        there = {one.memory.memory_id for one in pieces}
        put_right = (_put_right(one, corrections, there, request.reader) for one in pieces)
        distinct = _each_once([one for one in put_right if one is not None])
        return [one for one in _each_memory_once(distinct) if marked.isdisjoint(one.memory_ids)]

    async def _preferences(
        self, conn: Connection, request: RecallRequest, *, alone: bool
    ) -> list[SessionStartItem]:
        """Find lasting preferences, the latest first, each once.

        Preferences for answers are only those of the caller, and include other projects unless
        these are apart, the newest of each kind. A language replaces the one chosen before, and so
        do a length and a name.
        """
        own: dict[str, Memory] = {}
        held: set[PreferenceTopic] = set()
        for memory, one in await _preferences_in(conn, request, request.project):
            if len(own) == _PREFERENCES:
                break
            is_by_reader = _is_by(request.reader, memory.author, alone=alone)
            if text := _still_holding(one, held, is_by_reader=is_by_reader):
                own.setdefault(text, memory)
        found: dict[str, Memory] = {}
        for memory, one in () if self._apart else await _preferences_in(conn, request, None):
            if not one.is_personal or _names_its_project(memory, one.text):
                continue
            is_by_reader = _is_by(request.reader, memory.author, alone=alone)
            text = _still_holding(one, held, is_by_reader=is_by_reader)
            if text and text not in own:
                found.setdefault(text, memory)
        chosen = {*select_lasting(found, _PREFERENCES_ELSEWHERE)}
        others = [(text, memory) for text, memory in found.items() if text in chosen]
        ordered = [*reversed(own.items()), *reversed(others)]
        return [_part(memory, text, 2, _PREFERENCE, request) for text, memory in ordered]


def _put_right(
    piece: SessionStartItem,
    corrections: Mapping[UUID, Memory],
    there: AbstractSet[UUID],
    reader: str | None,
) -> SessionStartItem | None:
    """Return an item with its correction; an answer is replaced by its correction, once."""
    correction = corrections.get(piece.memory.memory_id)
    if correction is None:
        return piece
    right = replace(correction, content=shortened(correction.content))
    if piece.label or piece.memory.role is not Role.ASSISTANT:
        return piece._replace(correction=reply_of(right))
    if correction.memory_id in there:
        return None
    return piece._replace(memory=right.seen_by(reader))


def _each_memory_once(pieces: Sequence[SessionStartItem]) -> list[SessionStartItem]:
    """Join what is stated in a memory with the message itself, so that no memory is quoted twice.

    What only fills the remaining room is left out if it would not contain the statement. A sentence
    that is a preference and a decision is a preference.
    """
    stated: dict[UUID, list[SessionStartItem]] = {}
    messages: dict[UUID, SessionStartItem] = {}
    for one in pieces:
        memory_id, text = one.memory.memory_id, one.memory.content
        if one.label not in _STATEMENTS:
            messages[memory_id] = one
        elif all(text != other.memory.content for other in stated.get(memory_id, ())):
            stated.setdefault(memory_id, []).append(one)
    joined: list[SessionStartItem] = []
    for one in pieces:
        parts, message = stated.get(one.memory.memory_id), messages.get(one.memory.memory_id)
        if parts is None:
            joined.append(one)
        elif message is None:
            joined += [one] if one in parts else []
        elif message.rank < _BESIDES:
            joined += [_with_statements(one, parts)] if one is message else []
        elif _contains(message, parts):
            whole = one._replace(memory=message.memory, is_part=False)
            joined += [whole] if one is parts[0] else []
        elif one in parts:
            joined.append(one)
    return joined


def _with_statements(
    message: SessionStartItem, parts: Sequence[SessionStartItem]
) -> SessionStartItem:
    """Return a message with its label and rank as a statement, also of what was cut off it."""
    text = message.memory.content
    cut = [one.memory.content for one in parts if not adds_nothing(one.memory.content, text)]
    return message._replace(
        memory=replace(message.memory, content=" … ".join((text, *dict.fromkeys(cut)))),
        rank=min(message.rank, parts[0].rank),
        label=message.label or parts[0].label,
    )


def _contains(message: SessionStartItem, parts: Sequence[SessionStartItem]) -> bool:
    """Return whether what a person said contains statements from it word for word."""
    said = message.memory
    return said.role is Role.USER and all(one.memory.content in said.content for one in parts)


def _still_holding(one: Preference, held: set[PreferenceTopic], *, is_by_reader: bool) -> str:
    """Return the part of a preference that newer ones leave valid, and add its topics to `held`."""
    if not one.is_personal:
        return one.text
    text = still_holding(one.text, held) if is_by_reader else ""
    held |= topics_of(text) if text else frozenset()
    return text


async def _preferences_in(
    conn: Connection, request: RecallRequest, project: str | None
) -> Iterator[tuple[Memory, Preference]]:
    """Find preferences for a project or for none, or in all projects if it is None, one by one."""
    matches = await stated_of_project(
        conn,
        space_id=request.space_id,
        project=project,
        but=request.session_ids,
        stated=Stated.WISH if project is None else Stated.PREFERENCE,
        limit=_MATCHES,
    )
    return (
        (memory, one) for memory in matches for one in preferences_in(said_in_own_words(memory))
    )


def _each_once(pieces: Sequence[SessionStartItem]) -> list[SessionStartItem]:
    """Leave out corrections of other items, and additional items that others contain."""
    corrections = {one.correction.memory_id for one in pieces if one.correction is not None}
    kept = [one for one in pieces if one.label or one.memory.memory_id not in corrections]
    stated: list[str] = []
    changes: list[tuple[datetime, str]] = []
    chosen: list[SessionStartItem] = []
    for one in sorted(kept, key=lambda piece: piece.rank):
        text, at = one.memory.content, one.memory.created_at
        if one.memory.role is Role.USER:
            is_besides = one.rank >= _BESIDES
            if is_besides and any(adds_nothing(text, said) for said in stated):
                continue
            if is_besides and any(when > at and replaces(newer, text) for when, newer in changes):
                continue
            stated += [] if asks_for(text) else [text]
            changes += [(at, sentence) for sentence in changes_in(said_in_own_words(one.memory))]
        chosen.append(one)
    return [one for one in kept if one in chosen]


async def _sessions(conn: Connection, request: RecallRequest) -> list[_SessionTurns]:
    """Read the questions and answers of the latest sessions, the latest first."""
    if not request.project:
        return []
    space, project = request.space_id, request.project
    latest = await latest_sessions_of_project(conn, space, project, request.session_ids, _SESSIONS)
    read = [await turns_of_session(conn, space, project, one) for one in latest]
    return [_SessionTurns(turns, exchanges_in(turns)) for turns in read]


def _without_answered(sessions: Sequence[_SessionTurns]) -> list[_SessionTurns]:
    """Leave out open questions that were asked again or answered later, in any session."""
    in_order = [one for session in reversed(sessions) for one in session.exchanges]
    done = [
        one
        for place, one in enumerate(in_order)
        if (question := one.open_question) and is_resolved(question, in_order[place + 1 :])
    ]
    return [
        session._replace(exchanges=[one for one in session.exchanges if one not in done])
        for session in sessions
    ]


def _items_of(
    session: _SessionTurns, age: int, corrections: Mapping[UUID, Memory], request: RecallRequest
) -> list[SessionStartItem]:
    """Choose the subject and the end of a session, and after everything else further messages.

    Of the latter, statements of people come before what was done. A corrected statement is shown in
    the place of its correction.
    """
    chosen = select_exchanges(session.exchanges, max(1, _LAST_EXCHANGES - age))
    ranks = [(one, 4 * age + (1 if one is chosen[-1] else 3)) for one in chosen]
    for place, one in enumerate(informative_others(session.exchanges, chosen)):
        ranks.append((one, _BESIDES * (age + 2) + place))
    wrong = {
        corrections[turn.memory.memory_id].memory_id: turn
        for turn in session.turns
        if turn.memory.role is Role.USER and turn.memory.memory_id in corrections
    }
    pieces: dict[UUID, SessionStartItem] = {}
    for exchange, rank in sorted(ranks, key=lambda ranked: ranked[1]):
        for said, is_open in exchange.turns:
            turn = said if is_open else wrong.get(said.memory.memory_id, said)
            is_fact = exchange.states and said is exchange.asked and rank >= _BESIDES
            piece = SessionStartItem(
                replace(turn.memory, content=excerpt(turn)).seen_by(request.reader),
                _BESIDES + _STATED * age + rank % _BESIDES if is_fact else rank,
                "left open" if is_open else "",
            )
            pieces.setdefault(turn.memory.memory_id, piece)
    in_order = (one.memory.memory_id for one in session.turns)
    return [pieces[one] for one in in_order if one in pieces]


async def _decisions(conn: Connection, request: RecallRequest) -> list[SessionStartItem]:
    """Find the decisions of a project that are still valid, the latest first, each once."""
    if not request.project:
        return []
    matches = await stated_of_project(
        conn,
        space_id=request.space_id,
        project=request.project,
        but=request.session_ids,
        stated=Stated.DECISION,
        limit=_MATCHES,
    )
    found: dict[str, Memory] = {}
    later: list[str] = []
    for memory in matches:
        if len(found) == _DECISIONS:
            break
        if not memory.metadata.get("project"):
            continue
        own = said_in_own_words(memory)
        for text in decisions_in(own):
            if len(found) < _DECISIONS and not any(replaces(newer, text) for newer in later):
                found.setdefault(text, memory)
        later += changes_in(own)
    return [_part(memory, text, 4, _DECISION, request) for text, memory in reversed(found.items())]


def _is_by(reader: str | None, author: str | None, *, alone: bool) -> bool:
    """Return whether a memory is by the reader, if `alone` in the space also without an author."""
    return author == reader or (alone and (author is None or author.startswith(_HOOKS)))


def _names_its_project(memory: Memory, text: str) -> bool:
    name = str(memory.metadata.get("project") or "").rpartition("/")[2]
    return not terms_in(name).isdisjoint(terms_in(text))


def _part(
    memory: Memory, text: str, rank: int, label: str, request: RecallRequest
) -> SessionStartItem:
    part = replace(memory, content=text).seen_by(request.reader)
    return SessionStartItem(part, rank, label, is_part=len(text) < len(memory.content.strip()))
