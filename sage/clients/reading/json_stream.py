"""Read the values of a JSON file one by one, whatever its size."""

from __future__ import annotations

import codecs
import json
from typing import TYPE_CHECKING, BinaryIO

from sage.clients.transcripts.jsonl import parse_line
from sage.clients.transcripts.reading import MAX_LINE_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

_FIRST_BYTES = 1_048_576
_MAX_VALUE_CHARS = 256_000_000
_BETWEEN = frozenset(" \t\r\n,")
_AFTER = _BETWEEN | {"]"}


def read_values(stream: BinaryIO, errors: str = "strict") -> Iterator[object]:
    """Yield `list` and then the elements of one; or `dict` and then the objects of the file.

    Objects may follow each other, as in a file of lines. The buffer doubles while a value does not
    end, so that a long one is parsed few times. `errors` is the handling of bytes that are not
    UTF-8. Raises ValueError.
    """
    raw_decode = json.JSONDecoder().raw_decode
    decode = codecs.getincrementaldecoder("utf-8-sig")(errors).decode
    text = decode(stream.read(_FIRST_BYTES)).lstrip()
    if text[:1] not in {"[", "{"}:
        raise ValueError("is not JSON")
    is_list = text[0] == "["
    yield list if is_list else dict
    at, size, ended = int(is_list), _FIRST_BYTES, False
    while True:
        at = _gap_end(text, at)
        if text[at : at + 1] == "]" if is_list else ended and at == len(text):
            return
        try:
            value, end = raw_decode(text, at)
        except json.JSONDecodeError:
            end = -1  # it goes on in what is not read yet, or is broken
        if end >= 0 and (ended or text[end : end + 1] in _AFTER):  # else a number may go on
            yield value
            at, size = end, _FIRST_BYTES
            continue
        if ended:
            raise ValueError("ends early, or is not JSON")
        if len(text) - at > _MAX_VALUE_CHARS:
            raise ValueError(f"has a value of more than {_MAX_VALUE_CHARS:,} characters")
        block = stream.read(size)
        text, at = text[at:] + decode(block, final=not block), 0
        size, ended = 2 * size, not block


def _gap_end(text: str, at: int) -> int:
    while text[at : at + 1] in _BETWEEN:
        at += 1
    return at


def read_lines(stream: BinaryIO) -> Iterator[object]:
    """Yield the value of each line; None for one that is not JSON."""
    while line := stream.readline(MAX_LINE_BYTES):
        if line.strip():
            yield parse_line(line)


def read_records(stream: BinaryIO, key: str = "") -> Iterator[object]:
    """Yield the elements of a list, or of the list at `key` of an object; else the object itself.

    Raises ValueError.
    """
    values = read_values(stream)
    if next(values) is list:
        yield from values
        return
    for value in values:
        inner = value.get(key) if isinstance(value, dict) else None
        if isinstance(inner, list):
            yield from inner
        else:
            yield value
