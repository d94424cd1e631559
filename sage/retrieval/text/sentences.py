"""Split text into sentences.

`sentences_in` is for statements: a Chinese semicolon also ends a sentence. `sentences_of` is for
distinguishing questions and tasks: closing quotes and brackets belong to the sentence before them.
"""

# ruff: noqa: RUF001 - other scripts have marks of their own

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SENTENCE_ENDS = (". ", "! ", "? ", "\n", "。", "！", "？")
_QUESTION_STARTS_AFTER = (*SENTENCE_ENDS, ": ", "：")
_STATED = re.compile(r"[^.!?。！？；\n]+(?:[.!?](?=\S)[^.!?。！？；\n]+)*[.!?。！？；]*")
_MARKED = re.compile(
    r"[^.!?。！？…\n]*+(?:(?:[.!?](?=[A-Za-z0-9_=&/%-])"
    r"|(?<=\s[A-Z])[.](?=\s[A-Z]))[^.!?。！？…\n]*+)*+[.!?。！？…\"')）”」』\]]*+"
)
_FIRST_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")


def sentences_in(text: str) -> Iterator[str]:
    """Yield the sentences of a text; each line ends one."""
    return _found(_STATED, text)


def sentences_of(text: str) -> Iterator[str]:
    """Yield the sentences of a text with their terminating marks."""
    return _found(_MARKED, text)


def _found(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    for found in pattern.finditer(text):
        if sentence := found.group().strip():
            yield sentence


def split_at_question(text: str) -> tuple[str, str]:
    """Return the text before the question at its end, and that question."""
    body = text.rstrip(" .!?。！？\n")
    at = max(
        (body.rfind(end) + len(end) for end in _QUESTION_STARTS_AFTER if end in body), default=0
    )
    return text[:at].strip(), text[at:].strip()


def first_word_of(text: str) -> str:
    """Return the first word of a text in lower case, empty without one."""
    found = _FIRST_WORD.search(text)
    return found.group().lower() if found else ""
