"""The JSON Lines format of export and import: one memory per line, everything but vectors."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, UUID, uuid5

from sage.domain import limits
from sage.domain.memories import DEFAULT_SPACE, Message
from sage.domain.validation import validate_id, validate_metadata, validate_text, validate_time
from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

TO_UTF8 = "save it as UTF-8 text; from GBK: iconv -f GBK -t UTF-8 FILE"
"""How to convert a file that is not UTF-8."""
KEYS = (
    *("memory_id", "space", "session_id", "role"),
    *("name", "content", "created_at", "metadata", "replaces", "author", "forgotten_at"),
    *("confirmed_at", "confirmed_by"),
)
_NAMESPACE = uuid5(NAMESPACE_URL, "sage:imported-memory")
_OF_PROJECT = {"project", "project_name"}


@dataclass(frozen=True, slots=True)
class TransferredMemory:
    """A memory in an exported file. Without `created_at` it gets the time of the import.

    A memory with `forgotten_at` is there for the author to see, and is not imported. Whether one is
    superseded follows from `replaces` of others.
    """

    space_id: str
    memory_id: UUID
    session_id: str
    message: Message
    metadata: Mapping[str, object] = field(default_factory=dict)
    replaces: tuple[UUID, ...] = ()
    author: str | None = None
    forgotten_at: datetime | None = None
    is_superseded: bool = field(default=False, compare=False)
    confirmed_at: datetime | None = field(default=None, compare=False)
    confirmed_by: str | None = field(default=None, compare=False)

    def equals(self, stored: TransferredMemory) -> bool:
        """Return whether it equals a stored memory; a missing time or author equals any.

        A project is not compared: it may have been renamed since.
        """
        created_at = self.message.created_at or stored.message.created_at
        message = replace(self.message, created_at=created_at)
        own, kept = _beside_project(self.metadata), _beside_project(stored.metadata)
        there = replace(self, message=message, author=self.author or stored.author, metadata=own)
        return there == replace(stored, metadata=kept)

    def to_json(self) -> dict[str, object]:
        """Return the object to write, with the names in KEYS."""
        created_at = self.message.created_at
        return {
            "memory_id": str(self.memory_id),
            "space": self.space_id,
            "session_id": self.session_id,
            "role": str(self.message.role),
            "name": self.message.name,
            "content": self.message.content,
            "created_at": None if created_at is None else created_at.isoformat(),
            "metadata": self.metadata,
            **({"replaces": [str(one) for one in self.replaces]} if self.replaces else {}),
            **({"author": self.author} if self.author else {}),
            **({"forgotten_at": self.forgotten_at.isoformat()} if self.forgotten_at else {}),
            **({"confirmed_at": self.confirmed_at.isoformat()} if self.confirmed_at else {}),
            **({"confirmed_by": self.confirmed_by} if self.confirmed_by else {}),
        }


@dataclass(slots=True)
class LineReader:
    """Parses the lines of one file, in order.

    `space_id` overrides that of all lines, `session_id` is the default of lines without one. A line
    without a memory_id gets one derived from its content and from how often that content occurred
    in the file before, so that the same file always produces the same ids.
    """

    space_id: str | None = None
    session_id: str | None = None
    _times_seen: dict[UUID, int] = field(default_factory=dict)

    def parse_line(self, number: int, line: str) -> TransferredMemory | None:
        """Parse the line with that number; return None for a forgotten memory.

        Raises InvalidInputError that names the line.
        """
        where = f"line {number}"
        value = _parse_object(where, line)
        return None if value.get("forgotten_at") else self.parse_value(where, value)

    def parse_value(self, where: str, value: Mapping[str, object]) -> TransferredMemory:
        """Parse the object of a line. Raises InvalidInputError that contains `where`."""
        said = (value.get(key) for key in ("role", "content", "name", "created_at"))
        message = Message.validate(*said, field=where)
        space_id = self.space_id or value.get("space", DEFAULT_SPACE)
        space_id = validate_text(f"{where}.space", space_id, limits.MAX_SESSION_ID_CHARS)
        session_id = self._session_id(where, value)
        metadata = value.get("metadata")
        return TransferredMemory(
            space_id,
            validate_id(f"{where}.memory_id", value["memory_id"])
            if value.get("memory_id") is not None
            else self._derive_id(space_id, session_id, message),
            session_id,
            message,
            {} if metadata is None else validate_metadata(f"{where}.metadata", metadata),
            _replaced(where, value.get("replaces")),
            _name(where, value, "author"),
            confirmed_at=None
            if value.get("confirmed_at") is None
            else validate_time(f"{where}.confirmed_at", value["confirmed_at"]),
            confirmed_by=_name(where, value, "confirmed_by"),
        )

    def _session_id(self, where: str, value: Mapping[str, object]) -> str:
        session_id = value.get("session_id")
        if session_id is None:
            session_id = self.session_id
        if session_id is None:
            raise InvalidInputError(
                f"{where}.session_id",
                "{field} is missing",
                hint="pass --session ID as the default for lines without one",
            )
        return validate_text(f"{where}.session_id", session_id, limits.MAX_SESSION_ID_CHARS)

    def _derive_id(self, space_id: str, session_id: str, message: Message) -> UUID:
        created_at = None if message.created_at is None else message.created_at.isoformat()
        content = [space_id, session_id, message.role, message.name, message.content, created_at]
        identifier = uuid5(_NAMESPACE, json.dumps(content))
        repetition = self._times_seen.get(identifier, 0)
        self._times_seen[identifier] = repetition + 1
        return uuid5(identifier, str(repetition)) if repetition else identifier


def _beside_project(metadata: Mapping[str, object]) -> Mapping[str, object]:
    return {name: value for name, value in metadata.items() if name not in _OF_PROJECT}


def _name(where: str, value: Mapping[str, object], key: str) -> str | None:
    given = value.get(key)
    if given is None:
        return None
    return validate_text(f"{where}.{key}", given, limits.MAX_NAME_CHARS)


def _replaced(where: str, given: object) -> tuple[UUID, ...]:
    if given is None:
        return ()
    field = f"{where}.replaces"
    if not isinstance(given, list):
        raise InvalidInputError(field, "{field} is not a list", hint="write a list of memory ids")
    return tuple(sorted(validate_id(f"{field}[{place}]", one) for place, one in enumerate(given)))


def _parse_object(where: str, line: str) -> dict[str, object]:
    hint = phrase(
        "write one JSON object per line, with {keys}; role and content are required",
        keys=list(KEYS),
    )
    try:
        value = json.loads(line)
    except json.JSONDecodeError as error:
        raise InvalidInputError(
            where, phrase("{field} is not JSON: {reason}", reason=error.msg), hint=hint
        ) from None
    except (RecursionError, ValueError):
        raise InvalidInputError(
            where, "{field} is nested too deep or too long", hint=hint
        ) from None
    if not isinstance(value, dict):
        raise InvalidInputError(where, "{field} is not a JSON object", hint=hint)
    if unknown := sorted(value.keys() - set(KEYS)):
        raise InvalidInputError(
            where,
            phrase("{field} has an unknown key {unknown}", unknown=repr(unknown[0])[:60]),
            hint=hint,
        )
    return value
