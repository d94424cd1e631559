"""Find memories and sessions by whole ids, or a part of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from sage.domain import limits
from sage.domain.ids import named_id, short_id, short_session
from sage.domain.listing import PageRequest
from sage.domain.text.wording import one_line
from sage.domain.validation import validate_text
from sage.errors import InvalidInputError, NoSpaceError, NotFoundError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Callable

    from sage.cli.memories import AskedMemories, Memories
    from sage.domain.listing import Session
    from sage.domain.memories import Memory

Result = TypeVar("Result")


def find(asked: AskedMemories, given: str, page: PageRequest) -> Memory | Session:
    """Read the memory, or the page of the session, by its id or a part of it.

    Raises NotFoundError, and InvalidInputError for an ambiguous part.
    """
    validate_text("ID", given, limits.MAX_SESSION_ID_CHARS)
    memory_id = _memory_id(given)
    memory = None
    if memory_id is not None:
        memory = _found(asked, lambda there: there.read_memory(memory_id))
    if memory is not None and isinstance(memory_id, UUID):
        return memory
    session = _found(asked, lambda there: there.read_session(given, page))
    if memory is not None and session is not None and session.session_id != given:
        raise InvalidInputError(
            "ID",
            phrase("{field}: {part} matches both a memory and a session", part=given),
            hint=phrase(
                "pass {memory} for the memory, or {session} for the session",
                memory=short_id(memory.memory_id),
                session=one_line(short_session(session.session_id)),
            ),
        )
    found = session or memory
    if found is None:
        raise NotFoundError(
            phrase("no memory or session {id} exists", id=repr(given)),
            hint="`sage sessions` and `sage list` show the existing ids",
        )
    return found


def find_session(asked: AskedMemories, given: str) -> Session | None:
    """Read the beginning of a session by its id or a part of it; None without one.

    Raises InvalidInputError for an ambiguous part.
    """
    validate_text("--session", given, limits.MAX_SESSION_ID_CHARS)
    return _found(asked, lambda there: there.read_session(given, PageRequest(1)))


def session_of(asked: AskedMemories, given: str | None) -> str | None:
    """Return the id of the session that is meant, or `given` unchanged if there is none."""
    session = None if given is None else find_session(asked, given)
    return given if session is None else session.session_id


def _memory_id(given: str) -> UUID | str | None:
    try:
        return named_id("ID", given)
    except InvalidInputError:
        return None


def _found(asked: AskedMemories, question: Callable[[Memories], Result]) -> Result | None:
    try:
        return asked.ask(question)
    except NoSpaceError:
        raise
    except NotFoundError:
        return None
