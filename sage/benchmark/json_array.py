"""Read a JSON array one item at a time: a file may be larger than the memory."""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK_CHARS = 1 << 20
_MAX_ITEM_CHARS = 1 << 28
_BLANK = " \t\r\n"


def read_items(file: IO[str]) -> Iterator[Any]:
    """Yield the items of the array that a file holds, none over 256 Mi characters.

    Raises ValueError.
    """
    decode = json.JSONDecoder().raw_decode
    text, opened = "", False
    while len(text) < _MAX_ITEM_CHARS and (chunk := file.read(max(_CHUNK_CHARS, len(text)))):
        text = (text + chunk).lstrip(_BLANK)
        if text and not opened:
            if text[0] != "[":
                break
            text, opened = text[1:], True
        while opened:
            text = text.lstrip(_BLANK + ",")
            if text.startswith("]"):
                return
            try:
                item, end = decode(text)
            except json.JSONDecodeError:
                break  # an item that goes on in the next chunk, or is none at all
            if end == len(text):
                break  # a number may go on, too
            yield item
            text = text[end:]
    raise ValueError("it does not hold a whole JSON array")
