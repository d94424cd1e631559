"""Other spellings of words that are written together, apart, or with a joint between.

E-mail is email, de-stress destress, get_user_name getUserName, iPhone15 iPhone 15, 16GB 16 GB. So
memories and questions hold, besides the parts of a joined word, what the parts make together, and
besides a word of letters and a number, both of them alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sage.retrieval.stopwords import ENGLISH
from sage.retrieval.words import MAX_WORD_CHARS, stem_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sage.retrieval.words import Word

_JOINTS = frozenset("-_&\u2010\u2011")
_LETTERS_AND_NUMBER = re.compile(r"([a-z]{2,})(\d+)|(\d+)([a-z]{2,})")


def other_spellings(text: str, words: Iterable[Word]) -> Iterator[str]:
    """Yield the terms a text (NFKC) can be searched by besides those of its `words`."""
    for spelling in _spellings(text, words):
        if spelling not in ENGLISH:
            yield stem_of(spelling)


def _spellings(text: str, words: Iterable[Word]) -> Iterator[str]:
    joined: list[str] = []
    ended_at = 0
    for word in words:
        is_joint = word.starts_at - ended_at == 1 and text[ended_at] in _JOINTS
        if word.run or not is_joint:
            if len(joined) > 1:
                yield from _together(joined)
            joined = []
        if not word.run:
            joined.append(word.spelling)
        is_mixed = not word.spelling.isalpha()  # which is quicker to see than to match
        if is_mixed and (mixed := _LETTERS_AND_NUMBER.fullmatch(word.spelling)):
            yield from filter(None, mixed.groups())
        ended_at = word.ends_at
    if len(joined) > 1:
        yield from _together(joined)


def _together(parts: list[str]) -> Iterator[str]:
    """Join the parts of one word; numbers alone, as in 3-4, make no word."""
    spelling = "".join(parts)[:MAX_WORD_CHARS]
    if not spelling.isdecimal():
        yield spelling
