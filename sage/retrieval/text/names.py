"""Names of the people in a conversation: speakers, addressees, and subjects of questions.

A question such as "What did Caroline paint?" is about what Caroline said, yet an embedding model
takes the name for its topic and finds what others said to her. So names are recognized, matched to
the speakers, and left out of the embedded text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.retrieval.text.simplified_chinese import chinese_simplified, simplified
from sage.retrieval.text.stopwords import ENGLISH_STOPWORDS
from sage.retrieval.text.words import normalized, words_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

BY_PREFIX = "@by:"
TO_PREFIX = "@to:"
MIN_CALLS = 3
_MAX_GUESSES = 64
_MAX_SMALL_GUESSES = 8
_HAN_NAME_CHARS = range(2, 5)

_GREETING = (
    r"(?:hey|hi|hello|thanks|thank you|thanks so much|thx|cheers|congrats|congratulations|bye"
    r"|goodbye|good (?:morning|afternoon|evening|night)|welcome(?: back)?|dear|sorry|wow|yeah|yes"
    r"|yep|yup|sure|absolutely|definitely|well|oh|ok|okay|no|nope|great|awesome|cool|nice|aww?)"
)
_CALLS = (
    re.compile(rf"\b(?i:{_GREETING})[,!]?\s+([A-Z][a-z]+)(?=\s*[,.!?…])"),
    re.compile(r",\s+([A-Z][a-z]+)\s*[!?]"),
)
_CAPITAL_BEFORE_MARK = re.compile(r"\s[A-Z][a-z]+\s*[,.!?…]")
"""What both of _CALLS require: most texts are only searched for this."""
_HAN_CALL = re.compile(
    r"(?:[你您]好|嗨|嘿|哈喽|[早中下晚]上?午?[好安]|谢谢你?|感谢你?|再见|恭喜你?|没问题|没关系|好的"
    r"|不用谢|不客气|当然)[，，、！!\s]+([\u4e00-\u9fff]{2,4})(?=[，。！？!,.~]|$)"  # noqa: RUF001 - CJK marks
)
_NO_NAMES = frozenset(
    """
    thanks thank wow yeah yep yes cool sure congrats okay absolutely definitely hey
    朋友 我的朋友 老朋友 好朋友 亲爱的 大家 各位 老师 同学 先生 女士 宝贝 可以 谢谢 再见 加油
    """.split()  # noqa: SIM905 - a list of words reads best as words
)


def speaker_keys(name: str) -> Iterator[str]:
    """Yield the index keys of a speaker's name, one per word."""
    for word in words_of(name):
        yield BY_PREFIX + word.spelling


def called_keys(text: str) -> Iterator[str]:
    """Yield the index keys of the names by which a text addresses somebody: "Hey Mel!"."""
    patterns = _CALLS if _CAPITAL_BEFORE_MARK.search(text) else ()
    if not text.isascii():
        text, patterns = simplified(text), (*patterns, _HAN_CALL)
    for calls in patterns:
        for match in calls.finditer(text):
            for word in words_of(match[1]):
                if word.spelling not in _NO_NAMES and word.spelling not in ENGLISH_STOPWORDS:
                    yield TO_PREFIX + word.spelling


@dataclass(frozen=True, slots=True)
class PossibleNames:
    """The folded words of a question that may be names, by whether they begin with a capital.

    They are the words with a topic; in scripts without spaces every piece of two to four characters
    counts as capitalized.
    """

    capitals: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def guesses(self) -> list[str]:
        """The capitalized ones, and eight of the others, since each costs a lookup."""
        first = dict.fromkeys(self.capitals)
        others = list(dict.fromkeys(self.others))[:_MAX_SMALL_GUESSES]
        return list(dict.fromkeys((*first, *others)))[:_MAX_GUESSES]

    def meant(self, known: Collection[str]) -> frozenset[str]:
        """Return those of the `known` names that the question means.

        If one of them is capitalized, words in lower case are no names: not the mark in "Where did
        Anna mark the trail?".
        """
        known = frozenset(known)
        return known.intersection(self.capitals) or known.intersection(self.others)


def possible_names(question: str) -> PossibleNames:
    """Return the words of a question that may be names, without knowing any name."""
    text = normalized(question)
    capitals: list[str] = []
    others: list[str] = []
    for word in words_of(text):
        if word.run:
            pieces = [
                word.spelling[start : start + size]
                for size in _HAN_NAME_CHARS
                for start in range(len(word.spelling) - size + 1)
            ]
            capitals.extend(pieces)
        elif word.spelling not in ENGLISH_STOPWORDS:
            (capitals if text[word.starts_at].isupper() else others).append(word.spelling)
    return PossibleNames(tuple(capitals), tuple(others))


def without_names(question: str, names: Collection[str]) -> str:
    """Remove the given folded names from a question, with the 's that follows them."""
    text = chinese_simplified(normalized(question))
    for word in reversed(list(words_of(text))):
        if word.run:
            pieces = text[word.starts_at : word.ends_at]
            for name in sorted(names, key=len, reverse=True):
                pieces = pieces.replace(name, "")
            text = text[: word.starts_at] + pieces + text[word.ends_at :]
        elif word.spelling in names:
            text = text[: word.starts_at] + text[word.ends_at :]
    return " ".join(text.split())
