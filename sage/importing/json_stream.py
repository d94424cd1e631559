"""Read the elements of a JSON list one by one, however long the list is."""

from __future__ import annotations

import codecs
import json
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

_FIRST_BYTES = 1_048_576
_BETWEEN = " \t\r\n,"


def read_elements(stream: BinaryIO) -> Iterator[object]:
    """Yield the elements of a list in UTF-8; memory holds one of them. Raises ValueError.

    What is read at once doubles while an element does not end, so that a long one is parsed few
    times over.
    """
    decoder = json.JSONDecoder()
    decode = codecs.getincrementaldecoder("utf-8-sig")().decode
    text, at, size = "", 0, _FIRST_BYTES
    began = False
    while True:
        block = stream.read(size)
        text, at = text[at:] + decode(block, final=not block), 0
        if not began:
            text = text.lstrip()
            if not text.startswith("["):
                raise ValueError("is not a JSON list")
            began, at = True, 1
        while True:
            while at < len(text) and text[at] in _BETWEEN:
                at += 1
            if text[at : at + 1] == "]":
                return
            try:
                element, end = decoder.raw_decode(text, at)
            except json.JSONDecodeError:
                break
            if end == len(text) and block:  # a number may go on
                break
            yield element
            at, size = end, _FIRST_BYTES
        if not block:
            raise ValueError("ends early, or is not JSON")
        size *= 2
