"""Tell what a person says in a message from texts of others that it contains.

Told by structure alone, whatever the words and the language: blocks of code, markup and quotations,
what follows a line that hands it over, and documents. In doubt a text is somebody else's.
"""

# ruff: noqa: RUF001 - other scripts have marks of their own

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sage.domain.memories import Role
from sage.domain.provenance import Via
from sage.retrieval.text.sentences import sentences_in

if TYPE_CHECKING:
    from sage.domain.memories import MemoryRecord

_BLOCK = re.compile(
    r"^[ \t]*(?P<fence>`{3,}|~{3,}).*?(?:^[ \t]*(?P=fence)|\Z)"
    r"|<(?P<tag>[A-Za-z][\w:-]*)[^<>]*>.*?</(?P=tag)\s*>|^[ \t]*<[A-Za-z][^<>]*>.*",
    re.DOTALL | re.MULTILINE,
)
_INLINE_CODE = re.compile(r"(`{1,2})(?!`)[^`\n]*\s[^`\n]*\s[^`\n]*\1")
"""Code of three words or more."""
_LINE_OF_OTHERS = re.compile(r"(?:[>＞|]|#{1,6} | {4}|\t).*")
"""A quotation, a row of a table, a heading, or indented code."""
_QUOTATION = re.compile(
    r"\"[^\"\n]+\"|“[^”]+”|„[^“”]+[“”]|«[^»]+»|»[^«]+«|「[^」]+」|『[^』]+』|《[^》]+》"
    r"|(?<!\w)'[^'\n]+'(?!\w)|(?<!\w)‘[^’\n]+’(?!\w)|‚[^‘\n]+‘"
)
_HANDS_OVER = re.compile(r"[:：]\s*\Z")
_REPLACED = "\ufffc"
_MIN_WORDS = 3
_MIN_HAN = 6
_HAN = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]")
_LINES_OF_A_DOCUMENT = 4
_CHARS_OF_A_DOCUMENT = 240
"""A message of several lines that is longer may contain a document; most people's are shorter."""
_MAX_CHARS = 800
"""A longer message in one line may be a document without its line breaks."""
_SENTENCES_HANDED_OVER = 2
"""What follows a colon in its line is somebody else's if it is more than a sentence."""


def own_words(text: str) -> str:
    """Return the sentences of a message that are the words of its author, each in a line.

    Empty if the message contains a document, or if everything in it is quoted.
    """
    rest = _BLOCK.sub(f"\n{_REPLACED}\n", text)
    lines = [line.strip() for line in rest.split("\n") if not _LINE_OF_OTHERS.match(line)]
    lines = _before_handed_over([line for line in lines if line])
    is_long = sum(map(len, lines)) > (_CHARS_OF_A_DOCUMENT if lines[1:] else _MAX_CHARS)
    if is_long or len(lines) >= _LINES_OF_A_DOCUMENT:
        return ""
    shown = _QUOTATION.sub(_replaced, _INLINE_CODE.sub(_REPLACED, "\n".join(lines)))
    return "\n".join(one for one in sentences_in(shown) if _REPLACED not in one)


def _before_handed_over(lines: list[str]) -> list[str]:
    """Return the lines up to the first that ends in a colon, and hands over what follows."""
    for place, line in enumerate(lines):
        head, mark, handed = line.partition(": ") if ": " in line else line.partition("：")
        if _HANDS_OVER.search(line):
            return lines[: place + 1]
        if mark and len([*sentences_in(handed)]) > _SENTENCES_HANDED_OVER:
            return [*lines[:place], f"{head}:"]
    return lines


def _replaced(quotation: re.Match[str]) -> str:
    """Return a mark in the place of a quotation that may be a sentence; names remain."""
    quoted = quotation.group()
    is_sentence = len(quoted.split()) >= _MIN_WORDS or len(_HAN.findall(quoted)) >= _MIN_HAN
    return _REPLACED if is_sentence else quoted


def said_in_own_words(memory: MemoryRecord) -> str:
    """Return the own words of the person who said a memory; empty if a model said or saved it.

    What a model saves is its account, whatever role it gives it, until a person confirms it.
    """
    is_account = memory.source == Via.TOOL and memory.confirmed_at is None
    return "" if memory.role is not Role.USER or is_account else own_words(memory.content)
