"""Cut text into sentences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SENTENCE = re.compile(r"[^.!?。！？；\n]+(?:[.!?](?=\S)[^.!?。！？；\n]+)*[.!?。！？；]*")  # noqa: RUF001


def sentences_in(text: str) -> Iterator[str]:
    """Yield the sentences of a text; each line ends one."""
    for found in _SENTENCE.finditer(text):
        if sentence := found.group().strip():
            yield sentence
