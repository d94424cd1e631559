"""Cut a message into sentences, far enough to see what kinds of them there are."""

# ruff: noqa: RUF001 - other scripts have marks of their own

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SHORT_CHARS = 600
"""A longer message is not read sentence by sentence: it states something."""

_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_KANA_OR_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7a3]")
_SENTENCE = re.compile(
    r"[^.!?。！？…\n]*+(?:(?:[.!?](?=[A-Za-z0-9_=&/%-])"
    r"|(?<=\s[A-Z])[.](?=\s[A-Z]))[^.!?。！？…\n]*+)*+[.!?。！？…\"')）”」』\]]*+"
)
SENTENCE_ENDS = (". ", "! ", "? ", "\n", "。", "！", "？")
_ENDS = (*SENTENCE_ENDS, ": ", "：")
_FIRST_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")


def sentences_of(text: str) -> Iterator[str]:
    """Yield the sentences of a text with the marks that end them."""
    for found in _SENTENCE.finditer(text):
        if sentence := found.group().strip():
            yield sentence


def split_at_question(text: str) -> tuple[str, str]:
    """Return what stands before the question at the end of a text, and that question."""
    body = text.rstrip(" .!?。！？\n")
    at = max((body.rfind(end) + len(end) for end in _ENDS if end in body), default=0)
    return text[:at].strip(), text[at:].strip()


def is_unspaced(text: str) -> bool:
    """Return whether a text has Chinese, Japanese or Korean in it."""
    return not text.isascii() and _UNSPACED.search(text) is not None


def has_kana_or_hangul(text: str) -> bool:
    """Return whether a text is Japanese or Korean rather than Chinese."""
    return _KANA_OR_HANGUL.search(text) is not None


def first_word_of(text: str) -> str:
    """Return the first word of a text in small letters, empty where there is none."""
    found = _FIRST_WORD.search(text)
    return found.group().lower() if found else ""
