"""Classifies messages: the class of each, and which of them answers which."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

from sage.domain.agent_turns import SessionMessage, remarks_among
from sage.domain.memories import Role
from sage.domain.message_class import MessageClass
from sage.retrieval.message_classes.classification import (
    RULES_VERSION,
    ClassifiedMessage,
    UnclassifiedMessage,
    classify_messages,
    is_noted,
)
from sage.retrieval.message_classes.corrections import may_correct
from sage.store.memories import NewMemory
from sage.store.message_classes import (
    ClassifiableMessage,
    Reclassification,
    SessionPart,
    SessionPosition,
    Side,
    StoredClass,
    read_session_parts,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sage.domain.memories import Memory
    from sage.store.connections.connection import Connection
    from sage.store.transfer import ArrivingMemory

_MANY = 100
"""Classifying this many messages takes longer than other calls should wait."""

_EXCHANGE = (
    ClassifiedMessage(Role.USER, "?", MessageClass.QUESTION),
    ClassifiedMessage(Role.ASSISTANT, ".", MessageClass.ANSWER),
)


def classify_among(messages: Sequence[ClassifiableMessage]) -> dict[UUID, StoredClass]:
    """Return the classes to be stored for messages of one session, given in order.

    For messages within the part these are their classes, unless stored already; for those before
    and after it, the stored classes that changed: by a new answer, or as a remark.
    """
    current = [one for one in messages if one.is_current]
    remarks = _remarks_among(current)
    before = [one for one in current if one.side is Side.BEFORE and one.memory_id not in remarks]
    rest = [one for one in current if one.side is not Side.BEFORE]
    earlier = _earlier(before)
    found = classify_messages(
        [UnclassifiedMessage(one.role, one.content, one.memory_id in remarks) for one in rest],
        earlier,
    )
    answerable = [*rest, *before]  # earlier ones have negative indexes
    replies = {
        answerable[place].memory_id: replying.memory_id
        for replying, one in zip(rest, found, strict=True)
        for place in one.replies_to
    }
    gone = {one.memory_id for one in rest} | remarks
    known = dict.fromkeys(remarks, MessageClass.REMARK)
    known |= {one.memory_id: it.message_class for one, it in zip(before, earlier, strict=True)}
    if before and rest and is_noted(earlier[-1], rest[0]):
        known[before[-1].memory_id] = MessageClass.STATEMENT
    known |= {one.memory_id: it.message_class for one, it in zip(rest, found, strict=True)}
    changes = {}
    for message in messages:
        stored, reply = message.stored, replies.get(message.memory_id)
        version = RULES_VERSION
        if message.side is Side.WITHIN:
            if not message.is_current:
                known[message.memory_id] = _classify_alone(message)
            version = max(version, stored.rules_version if stored else 0)
        elif stored is not None:
            version = stored.rules_version
        elif reply is None and message.memory_id not in remarks:
            continue  # it is classified together with the messages around it
        now = StoredClass(known[message.memory_id], version, reply)
        if reply is None and stored and message.is_current and stored.reply_id not in gone:
            now = replace(now, reply_id=stored.reply_id)
        if now != stored:
            changes[message.memory_id] = now
    return changes


def classify_conversation(new: Sequence[NewMemory]) -> list[NewMemory]:
    """Return the messages of a conversation with their classes, as if it had no earlier messages.

    The result is that of `classify_among`, in less time: no message has metadata, or a class.
    """
    said = sorted((one.memory for one in new), key=attrgetter("created_at"))
    found = classify_messages([UnclassifiedMessage(one.role, one.content) for one in said])
    replies = {
        place: memory.memory_id
        for memory, one in zip(said, found, strict=True)
        for place in one.replies_to
    }
    classes = {
        memory.memory_id: StoredClass(one.message_class, RULES_VERSION, replies.get(place))
        for place, (memory, one) in enumerate(zip(said, found, strict=True))
    }
    return [NewMemory(one.memory, one.lexemes, classes[one.memory.memory_id]) for one in new]


def goes_on(new: Sequence[NewMemory]) -> bool:
    """Return whether classified messages continue an exchange that was saved before.

    They do if the first of them would be a reply to a question of the other side, or is a
    correction.
    """
    first = min(new, key=_created_at)
    if first.memory.role is not Role.USER:
        return True
    if (
        first.classification is None
        or first.classification.message_class is not MessageClass.STATEMENT
    ):
        return False
    (classification,) = classify_messages(
        [UnclassifiedMessage(first.memory.role, first.memory.content)], _EXCHANGE
    )
    return bool(classification.replies_to) or may_correct(first.memory.content)


def with_open_beginning(new: Sequence[NewMemory]) -> list[NewMemory]:
    """Return classified messages of a session that may have others, the first left unclassified.

    Its class may depend on those, which only the background reads: a save does not wait for it.
    """
    first = min(new, key=_created_at)
    is_settled = first.classification is not None and (
        first.classification.message_class is MessageClass.QUESTION
        or first.classification.reply_id is not None
    )
    return [
        replace(one, classification=None) if one is first and not is_settled else one for one in new
    ]


async def classify_continued(
    conn: Connection, space_id: str, new: Sequence[NewMemory]
) -> tuple[list[NewMemory], dict[UUID, UUID]]:
    """Classify messages together with the messages of their session before them.

    Return them, and the earlier questions with their new answers. Raises StoreError.
    """
    session = [_saved(one.memory) for one in new]
    part = _part(space_id, new[0].memory.session_id, session)
    (around,) = await read_session_parts(conn, [part])
    found = classify_among(_in_order([*around, *session]))
    ids = {one.memory_id for one in session}
    replies = {
        question: classification.reply_id
        for question, classification in found.items()
        if question not in ids and classification.reply_id in ids
    }
    return [replace(one, classification=found[one.memory.memory_id]) for one in new], replies


async def classify_arrivals(
    conn: Connection, arriving: Sequence[ArrivingMemory]
) -> tuple[list[ArrivingMemory], list[Reclassification]]:
    """Classify memories that are to be copied in, with the messages around them in their sessions.

    Return them, and the changed classes of existing memories. Raises StoreError.
    """
    sessions: dict[tuple[str, str], list[ClassifiableMessage]] = {}
    for one in arriving:
        sessions.setdefault((one.memory.space_id, one.memory.session_id), []).append(_copied(one))
    parts = [_part(*key, session) for key, session in sessions.items()]
    around = await read_session_parts(conn, parts)
    said = [*zip(parts, around, sessions.values(), strict=True)]
    if len(arriving) < _MANY:
        return _with_classes(arriving, said)
    return await asyncio.to_thread(_with_classes, arriving, said)  # others are answered meanwhile


def _with_classes(
    arriving: Sequence[ArrivingMemory],
    said: Sequence[
        tuple[SessionPart, Sequence[ClassifiableMessage], Sequence[ClassifiableMessage]]
    ],
) -> tuple[list[ArrivingMemory], list[Reclassification]]:
    """Classify memories in the parts of their sessions: the messages around them, and they."""
    found: dict[tuple[str, UUID], StoredClass] = {}
    there: dict[tuple[str, UUID], StoredClass | None] = {}
    for part, around, session in said:
        changes = classify_among(_in_order([*around, *session]))
        found |= {(part.space_id, one): classification for one, classification in changes.items()}
        there |= {(part.space_id, one.memory_id): one.stored for one in around}
    classified = [
        replace(one, classification=found[one.memory.space_id, one.memory.memory_id])
        for one in arriving
    ]
    return classified, [
        Reclassification(*key, now, there[key]) for key, now in found.items() if key in there
    ]


def _created_at(new: NewMemory) -> datetime:
    return new.memory.created_at


def _saved(memory: Memory) -> ClassifiableMessage:
    return ClassifiableMessage(
        memory.memory_id, memory.role, memory.content, {}, SessionPosition(memory.created_at)
    )


def _copied(arriving: ArrivingMemory) -> ClassifiableMessage:
    memory, message = arriving.memory, arriving.memory.message
    return ClassifiableMessage(
        memory.memory_id,
        message.role,
        message.content,
        memory.metadata,
        SessionPosition(arriving.created_at),
    )


def _part(space_id: str, session_id: str, messages: Sequence[ClassifiableMessage]) -> SessionPart:
    """Return the part of a session in which new messages are."""
    places = [one.place for one in messages]
    return SessionPart(space_id, session_id, min(places), max(places))


def _in_order(messages: Sequence[ClassifiableMessage]) -> list[ClassifiableMessage]:
    return sorted(messages, key=attrgetter("place"))


def _classify_alone(message: ClassifiableMessage) -> MessageClass:
    return classify_messages([UnclassifiedMessage(message.role, message.content)])[0].message_class


def _earlier(messages: Sequence[ClassifiableMessage]) -> list[ClassifiedMessage]:
    """Return messages with their classes: the stored ones, else those by the rules."""
    classes = [one.stored.message_class if one.stored else None for one in messages]
    if None in classes:
        found = classify_messages([UnclassifiedMessage(one.role, one.content) for one in messages])
        classes = [known or one.message_class for known, one in zip(classes, found, strict=True)]
    return [
        ClassifiedMessage(one.role, one.content, known)
        for one, known in zip(messages, classes, strict=True)
        if known is not None
    ]


def _remarks_among(session: Sequence[ClassifiableMessage]) -> set[UUID]:
    flags = remarks_among([SessionMessage(one.role, one.metadata) for one in session])
    return {
        one.memory_id
        for one, is_remark in zip(session, flags, strict=True)
        if is_remark or (one.stored and one.stored.message_class is MessageClass.REMARK)
    }
