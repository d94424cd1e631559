"""The target of an erasure: a space, a session, or all memories of one author."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sage.access.accounts.spaces import find_space
from sage.access.audit.event import session_mark
from sage.errors import NotFoundError
from sage.phrases import phrase
from sage.store.named_sql import query

if TYPE_CHECKING:
    from sage.store.connections.connection import Connection

_COUNT_ERASABLE = query("count_erasable")
_FIND_ERASURE = query("find_erasure")
_KNOWS_PERSON = query("knows_person")
_LIST_SPACE_IDS = query("list_space_ids")


@dataclass(frozen=True, slots=True)
class ErasureTarget:
    """The target: without a space, all memories of an author, with their user and tokens."""

    space: str | None = None
    session: str | None = None
    author: str | None = None

    @property
    def key(self) -> str:
        """Its unique identifier."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def of_key(cls, key: str) -> ErasureTarget:
        """Return the target with an identifier."""
        return cls(**json.loads(key))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the target in the audit log."""
        session = None if self.session is None else session_mark(self.session)
        return tuple(one for one in (self.space, session, self.author) if one is not None)

    @property
    def name(self) -> str:
        """The name of the space or of the author, which confirms its erasure; or the session."""
        return str(self.space if self.is_space else self.session or self.author)

    @property
    def is_space(self) -> bool:
        """Whether it is a whole space."""
        return self.session is None and self.author is None

    @property
    def is_person(self) -> bool:
        """Whether it is an author in all spaces."""
        return self.author is not None and self.space is None

    @property
    def text(self) -> str:
        """The description of the target."""
        space = repr(self.space)
        if self.session is not None:
            session = repr(self.session)
            return phrase(
                "the session {session} of the space {space}", session=session, space=space
            )
        if self.author is None:
            return phrase("the space {space}", space=space)
        return phrase(
            "the author {author} in all spaces"
            if self.space is None
            else "the author {author} in the space {space}",
            author=repr(self.author),
            space=space,
        )


@dataclass(frozen=True, slots=True)
class ErasureExtent:
    """How much there is to erase, in which spaces, and whether an erasure had begun before."""

    space_ids: tuple[str, ...]
    memories: int
    sessions: int
    begun: bool


async def measure(conn: Connection, target: ErasureTarget) -> ErasureExtent:
    """Count what a target contains. Raises NotFoundError if there is nothing, StoreError."""
    begun = await conn.fetchval(_FIND_ERASURE, target.key) is not None
    space_ids = await _spaces_of(conn, target, begun=begun)
    memories = sessions = 0
    for space_id in space_ids:
        row = await conn.fetchrow(_COUNT_ERASABLE, space_id, target.session, target.author)
        if row is not None:
            memories, sessions = memories + row["memories"], sessions + row["sessions"]
    known = target.is_space or (
        target.is_person and await conn.fetchval(_KNOWS_PERSON, target.author)
    )
    if not (memories or begun or known):
        raise NotFoundError(
            phrase("nothing found for {target}", target=target.text),
            hint="see `sage sessions`, `sage user list` and `sage token list`",
        )
    return ErasureExtent(space_ids, memories, sessions, begun)


async def _spaces_of(conn: Connection, target: ErasureTarget, *, begun: bool) -> tuple[str, ...]:
    """Return the ids of the spaces of a target: none if its space has been erased meanwhile."""
    if target.space is None:
        return tuple(row["id"] for row in await conn.fetch(_LIST_SPACE_IDS))
    try:
        return (await find_space(conn, target.space),)
    except NotFoundError:
        if target.is_space or not begun:
            raise
        return ()
