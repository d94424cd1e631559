"""Read messages from a file or from standard input."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sage.domain.memories import Message
from sage.domain.transfer import TO_UTF8
from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_FIELD = "--file"
_SHAPES = "pass a JSON list of messages, {'messages': [...]}, or one message per line"
_KEYS = ("role", "content", "name", "created_at")


def read_messages(source: str, created_at: datetime | None) -> tuple[Message, ...]:
    """Read the messages in the file `source`, or standard input for `-`, and check every one.

    `created_at` is the time of messages without one. Raises InvalidInputError.
    """
    values = _values(_text_of(source))
    if not values:
        raise InvalidInputError(_FIELD, "{field} contains no message", hint=_SHAPES)
    return tuple(_message(index, value, created_at) for index, value in enumerate(values))


def _text_of(source: str) -> str:
    name = phrase("standard input") if source == "-" else source
    try:
        raw = _standard_input() if source == "-" else Path(source).read_bytes()
        return raw.decode("utf-8-sig")
    except OSError as error:
        raise InvalidInputError(
            _FIELD,
            phrase("{field}: {name} cannot be read: {reason}", name=name, reason=error.strerror),
            hint="check the path",
        ) from None
    except UnicodeDecodeError as error:
        raise InvalidInputError(
            _FIELD,
            phrase("{field}: {name} is not UTF-8 (byte {start:,})", name=name, start=error.start),
            hint=TO_UTF8,
        ) from None


def _standard_input() -> bytes:
    if sys.stdin is None:
        raise InvalidInputError(
            _FIELD, "{field}: standard input is closed", hint="pipe the messages in"
        )
    return sys.stdin.buffer.read()


def _values(text: str) -> Sequence[object]:
    if not text.strip():
        raise InvalidInputError(_FIELD, "{field} is empty", hint=_SHAPES)
    try:
        document = json.loads(text)
    except RecursionError:
        raise InvalidInputError(_FIELD, "{field} is nested too deep", hint=_SHAPES) from None
    except json.JSONDecodeError as error:
        return _values_by_line(text, error)
    match document:
        case list():
            return document
        case {"messages": list() as messages, **others} if not others:
            return messages
        case {"role": _}:
            return [document]
        case _:
            raise InvalidInputError(_FIELD, "{field} contains no list of messages", hint=_SHAPES)


def _values_by_line(text: str, whole: json.JSONDecodeError) -> list[object]:
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    values: list[object] = []
    for number, line in lines:
        try:
            values.append(json.loads(line))
        except (json.JSONDecodeError, RecursionError) as error:
            broken = whole if not values else error
            where = phrase("line {number}", number=number if values else whole.lineno)
            what = (
                broken.msg
                if isinstance(broken, json.JSONDecodeError)
                else phrase("nested too deep")
            )
            raise InvalidInputError(
                _FIELD,
                phrase("{field}: {where} is not JSON: {what}", where=where, what=what),
                hint=_SHAPES,
            ) from None
    return values


def _message(index: int, value: object, created_at: datetime | None) -> Message:
    field = f"messages[{index}]"
    if not isinstance(value, dict):
        raise InvalidInputError(field, "{field} is not a JSON object", hint=_SHAPES)
    unknown = sorted(value.keys() - set(_KEYS))
    if unknown:
        hint = phrase("a message has {keys}", keys=list(_KEYS))
        raise InvalidInputError(
            field,
            phrase("{field} has an unknown key {unknown}", unknown=repr(unknown[0])[:60]),
            hint=hint,
        )
    role, content, name, own_time = map(value.get, _KEYS)
    return Message.validate(role, content, name, own_time or created_at, field=field)
