"""Memories on their way from one database to another: one a line, everything but vectors."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, UUID, uuid5

from sage.domain import limits
from sage.domain.memories import DEFAULT_SPACE, Message
from sage.domain.validation import checked_id, checked_metadata, checked_text
from sage.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

KEYS = (
    *("memory_id", "space", "session_id", "role"),
    *("name", "content", "created_at", "metadata"),
)
_NAMESPACE = uuid5(NAMESPACE_URL, "sage:imported-memory")


@dataclass(frozen=True, slots=True)
class TransferredMemory:
    """A memory as it is written to and read from a file. Without `created_at` it is said now."""

    space_id: str
    memory_id: UUID
    session_id: str
    message: Message
    metadata: Mapping[str, object] = field(default_factory=dict)

    def says_what(self, kept: TransferredMemory) -> bool:
        """Return whether it equals what is kept; without `created_at` at any time."""
        told_at = self.message.created_at or kept.message.created_at
        return replace(self, message=replace(self.message, created_at=told_at)) == kept

    def as_json(self) -> dict[str, object]:
        """Return what is written of it, under the names of KEYS."""
        told_at = self.message.created_at
        return {
            "memory_id": str(self.memory_id),
            "space": self.space_id,
            "session_id": self.session_id,
            "role": str(self.message.role),
            "name": self.message.name,
            "content": self.message.content,
            "created_at": None if told_at is None else told_at.isoformat(),
            "metadata": self.metadata,
        }


@dataclass(slots=True)
class LineReader:
    """Turns the lines of one file into memories, in their order.

    `space_id` counts for all lines, `session_id` for those that name none. A line without a
    memory_id gets one made of what it says and how often it was said before, so that the same file
    gives the same ids each time.
    """

    space_id: str | None = None
    session_id: str | None = None
    _said: dict[UUID, int] = field(default_factory=dict)

    def memory_of(self, number: int, line: str) -> TransferredMemory:
        """Read the line of that number. Raises InvalidInputError that names the line."""
        where = f"line {number}"
        value = _object_of(where, line)
        role = value.get("role")
        if not isinstance(role, str):
            raise InvalidInputError(f"{where}.role", "must be a string", hint="user or assistant")
        message = Message.checked(
            role,
            value.get("content"),  # type: ignore[arg-type] # checked there, whatever it is
            value.get("name"),  # type: ignore[arg-type]
            value.get("created_at"),  # type: ignore[arg-type]
            field=where,
        )
        space_id = self.space_id or value.get("space", DEFAULT_SPACE)
        space_id = checked_text(f"{where}.space", space_id, limits.MAX_SESSION_ID_CHARS)
        session_id = self._session_of(where, value)
        metadata = value.get("metadata")
        return TransferredMemory(
            space_id,
            checked_id(f"{where}.memory_id", value["memory_id"])
            if value.get("memory_id") is not None
            else self._id_of(space_id, session_id, message),
            session_id,
            message,
            {} if metadata is None else checked_metadata(f"{where}.metadata", metadata),
        )

    def _session_of(self, where: str, value: Mapping[str, object]) -> str:
        session_id = value.get("session_id")
        if session_id is None:
            session_id = self.session_id
        if session_id is None:
            raise InvalidInputError(
                f"{where}.session_id",
                "is missing",
                hint="pass --session ID for lines that belong to no session",
            )
        return checked_text(f"{where}.session_id", session_id, limits.MAX_SESSION_ID_CHARS)

    def _id_of(self, space_id: str, session_id: str, message: Message) -> UUID:
        told_at = None if message.created_at is None else message.created_at.isoformat()
        said = [space_id, session_id, message.role, message.name, message.content, told_at]
        first = uuid5(_NAMESPACE, json.dumps(said))
        before = self._said.get(first, 0)
        self._said[first] = before + 1
        return uuid5(first, str(before)) if before else first


def _object_of(where: str, line: str) -> dict[str, object]:
    hint = f"one JSON object a line, with {', '.join(KEYS)}; role and content at least"
    try:
        value = json.loads(line)
    except json.JSONDecodeError as error:
        raise InvalidInputError(where, f"is not JSON: {error.msg}", hint=hint) from None
    except (RecursionError, ValueError):
        raise InvalidInputError(where, "is nested too deep or too long", hint=hint) from None
    if not isinstance(value, dict):
        raise InvalidInputError(where, "is not a JSON object", hint=hint)
    if unknown := sorted(value.keys() - set(KEYS)):
        raise InvalidInputError(where, f"has an unknown key {unknown[0]!r:.60}", hint=hint)
    return value
