"""Recognize the language of a text by its script, as far as search depends on it."""

from __future__ import annotations

import re

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_OTHER_WORD = re.compile(r"[^\W\d_\u3400-\u4dbf\u4e00-\u9fff]+")
_OTHER_SCRIPT = re.compile(r"[^\W\d_\u0000-\u024f\u1e00-\u1eff\u3400-\u4dbf\u4e00-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_KANA_OR_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7a3]")


def language_of(question: str) -> int:
    """Return the language of a question: 1 for Chinese, 0 for all others."""
    han = len(_HAN.findall(question))
    return int(han > 0 and han >= len(_OTHER_WORD.findall(question)) and not _KANA.search(question))


def has_other_script(text: str) -> bool:
    """Return whether a text has letters that are neither Latin nor Chinese."""
    return bool(_OTHER_SCRIPT.search(text))


def is_unspaced(text: str) -> bool:
    """Return whether a text contains Chinese, Japanese or Korean."""
    return not text.isascii() and _UNSPACED.search(text) is not None


def has_kana_or_hangul(text: str) -> bool:
    """Return whether a text is Japanese or Korean rather than Chinese."""
    return _KANA_OR_HANGUL.search(text) is not None
