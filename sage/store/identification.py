"""Find the memories and sessions that a caller names by whole ids, or by parts of ids."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sage.domain.ids import (
    MIN_SESSION_CHARS,
    bounds_of,
    may_name_session,
    short_id,
)
from sage.domain.text.wording import clipped, one_line
from sage.errors import InvalidInputError
from sage.phrases import joined, phrase
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    from sage.store.connections.connection import Connection

    _Row = Mapping[str, Any]

_DESCRIBE_SESSIONS = query("describe_sessions")
_FIND_ID_PARTS = query("find_id_parts")
_FIND_OTHER_PARTS = query("find_other_parts")
_FIND_SESSION_PARTS = query("find_session_parts")
_HAS_SESSION = query("has_session")

_CANDIDATES = 5
_OPENING_CHARS = 40


@dataclass(frozen=True, slots=True)
class Identified:
    """The ids of memories, each once, and the parts of ids that match no memory."""

    memory_ids: list[UUID]
    unknown: tuple[str, ...]


async def identify(
    conn: Connection,
    space_id: str,
    memory_ids: Sequence[UUID],
    short_ids: Sequence[str],
    *,
    field: str = "memory_ids",
) -> Identified:
    """Return memories by whole ids, and those whose ids begin or end with `short_ids`.

    Whole ids come first and are not checked. Raises InvalidInputError that lists the ids if several
    match a part.
    """
    found: dict[str, UUID] = {}
    if short_ids:
        first, last = zip(*map(bounds_of, short_ids), strict=True)
        rows = await conn.fetch(
            _FIND_ID_PARTS, space_id, list(short_ids), list(first), list(last), _CANDIDATES
        )
        for part, named in groupby(rows, itemgetter("part")):
            candidates = list(named)
            if len(candidates) > 1:
                raise _ambiguous(field, part, _named(candidates))
            found[part] = candidates[0]["memory_id"]
    named_ids = [*memory_ids, *(found[short] for short in short_ids if short in found)]
    unknown = dict.fromkeys(short for short in short_ids if short not in found)
    return Identified(list(dict.fromkeys(named_ids)), tuple(unknown))


async def identify_session(
    conn: Connection, space_id: str, given: str, *, field: str = "session_id"
) -> str:
    """Return the id of the session that is named by its whole id, or by a part of a long one.

    The part is its beginning or end, and may omit the name of the client before it. Text that
    matches none is returned as it is. Raises InvalidInputError that lists the sessions if it
    matches several.
    """
    given = given.removeprefix("…")  # precedes the end of a long id as models read it
    if not may_name_session(given) or await conn.fetchval(_HAS_SESSION, space_id, given):
        return given
    rows = await conn.fetch(_FIND_SESSION_PARTS, space_id, given, _CANDIDATES, MIN_SESSION_CHARS)
    found = [row["session_id"] for row in rows]
    if len(found) > 1:
        sessions = await conn.fetch(_DESCRIBE_SESSIONS, space_id, found)
        raise _ambiguous(field, given, [(one["session_id"], one) for one in sessions])
    return found[0] if found else given


async def with_all_parts(conn: Connection, space_id: str, memory_ids: Sequence[UUID]) -> list[UUID]:
    """Add the other parts of messages that were split for their length and are shown as one."""
    rows = await conn.fetch(_FIND_OTHER_PARTS, space_id, list(memory_ids)) if memory_ids else ()
    return list(dict.fromkeys([*memory_ids, *(row["memory_id"] for row in rows)]))


def _named(candidates: Sequence[_Row]) -> list[tuple[str, _Row]]:
    """Return memories by their short ids, or by whole ones if these are ambiguous."""
    ends = [short_id(one["memory_id"]) for one in candidates]
    names = ends if len({*ends}) == len(ends) else [str(one["memory_id"]) for one in candidates]
    return [*zip(names, candidates, strict=True)]


def _ambiguous(field: str, part: str, candidates: Iterable[tuple[str, _Row]]) -> InvalidInputError:
    """Return the error that lists the ids with a part, with their dates and beginnings."""
    listed = [
        phrase(
            "{id} ({date}, “{opening}”)",
            id=one_line(named),
            date=f"{row['created_at']:%Y-%m-%d}",
            opening=clipped(one_line(row["opening"]), _OPENING_CHARS),
        )
        for named, row in candidates
    ]
    return InvalidInputError(
        field,
        phrase("{field}: {part} is ambiguous", part=part),
        hint=phrase("pass more characters of one of {candidates}", candidates=joined("; ", listed)),
    )
