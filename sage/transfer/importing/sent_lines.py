"""Lines sent to be imported, each with one memory."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from sage.domain.transfer import TO_UTF8
from sage.domain.validation import validate_id
from sage.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sage.domain.transfer import LineReader, TransferredMemory
    from sage.service.save_threads import CheckCancelled

_ID_ALONE = b'{"memory_id":'
_ID_ALONE_BYTES = 64


class SentLine(NamedTuple):
    """A line with its number, from 1; it is not empty."""

    number: int
    content: bytes


def memories_in(
    reader: LineReader,
    author: str | None,
    lines: Sequence[SentLine],
    check_cancelled: CheckCancelled,
) -> list[TransferredMemory]:
    """Return the memories of lines, with `author` if there is one.

    Lines of forgotten memories are skipped. Raises InvalidInputError that names the line.
    """
    found = []
    for line in lines:
        check_cancelled()
        memory = _memory_in(reader, line)
        if memory is not None:
            found.append(replace(memory, author=author, confirmed_by=author) if author else memory)
    return found


def ids_in(
    reader: LineReader, lines: Sequence[SentLine], check_cancelled: CheckCancelled
) -> list[UUID]:
    """Return the ids of the memories of lines, which may contain nothing else.

    Raises InvalidInputError that names the line.
    """
    found = []
    for line in lines:
        check_cancelled()
        identifier = _id_alone(line)
        if identifier is None:
            memory = _memory_in(reader, line)
            identifier = None if memory is None else memory.memory_id
        if identifier is not None:
            found.append(identifier)
    return found


def _memory_in(reader: LineReader, line: SentLine) -> TransferredMemory | None:
    try:
        text = line.content.decode()
    except UnicodeDecodeError:
        raise InvalidInputError(
            f"line {line.number}", "{field} is not UTF-8", hint=TO_UTF8
        ) from None
    return reader.parse_line(line.number, text)


def _id_alone(line: SentLine) -> UUID | None:
    """Return the id of a line without anything else, as the client of one file sends it."""
    if len(line.content) > _ID_ALONE_BYTES or not line.content.startswith(_ID_ALONE):
        return None
    try:
        value = json.loads(line.content)
    except ValueError:
        return None
    return validate_id(f"line {line.number}", value["memory_id"]) if len(value) == 1 else None
