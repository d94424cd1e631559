"""Features of a personal preference: words, characters of Han and kana, and concepts.

A concept is shared by words of several languages ("never", "nie", 从不), so that a scorer fitted in
one language works in others. Concepts are features by themselves, at both ends of a sentence, and
in pairs of successive ones.
"""

# ruff: noqa: RUF001 - other scripts have marks of their own

from __future__ import annotations

import re
import zlib
from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING

from sage.retrieval.text.simplified_chinese import simplified

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SIZE = 1 << 15
"""The number of feature numbers; some features share one."""

_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|「[^」]*」|『[^』]*』|«[^»]*»|„[^“]*“")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_TOKEN = re.compile(
    r"[a-zà-öø-ÿœа-яё가-힣]+(?:'[a-zà-öø-ÿ]+)*|\d+|[\u3040-\u30ff\u4e00-\u9fff]+"
    r"|[?!.,:;\"`？！。，：；「」“”]"
)
_NAME = re.compile(r"[a-z,] [A-ZÄÖÜ][a-z]")
_CODE = re.compile(r"[`/\\_=<>{}()\[\]@#$*|~^]|\w[.:]\w")
_KANA = re.compile(r"[\u3040-\u30ff]")
_DIGIT = re.compile(r"\d")
_LENGTHS = (3, 6, 10, 16, 26)
_MAX_RUN = 3
_MAX_STEM = 4
_REACH = 3
_MIN_OF_A_PREFIX = 3
_WORDS = resources.files("sage.retrieval.preferences").joinpath("words.txt")


def features_of(sentence: str) -> list[int]:
    """Return the feature numbers of a sentence, in order, below `SIZE`."""
    text = _QUOTED.sub(' " ', simplified(sentence).replace("’", "'"))
    features = "\n".join(_features(text)).encode().split(b"\n")  # at once: half the time
    return sorted({one & (SIZE - 1) for one in map(zlib.crc32, features)})


def is_unspaced(word: str) -> bool:
    """Return whether a word begins in a script without spaces between words."""
    return _UNSPACED.match(word) is not None


def _features(text: str) -> list[str]:
    tokens = _TOKEN.findall(text.lower())
    concepts: list[tuple[str, ...]] = []
    words: list[str] = []
    features: list[str] = []
    characters = 0
    for token in tokens:
        if is_unspaced(token):
            concepts += _concepts_in(token)
            features += _runs_of("" if words else "^", token)
            characters += len(token)
            words.append("§")
        else:
            words.append("0" if token.isdigit() else token)
            if found := _concepts_of(words[-1]):
                concepts.append(found)
    features += _features_of_words(words)
    features += _features_of_concepts(concepts)
    length = len(words) - words.count("§") + characters // 2
    features.append(f"length {sum(length >= one for one in _LENGTHS)}")
    features += _features_of_form(text)
    return features


def _runs_of(begin: str, token: str) -> Iterator[str]:
    ended = f"{begin}{token}$"
    for length in range(1, _MAX_RUN + 1):
        for start in range(len(ended) - length + 1):
            yield f"run {ended[start : start + length]}"


def _features_of_words(words: list[str]) -> list[str]:
    ended = ["^", *words, "$"]
    features = [f"word {word}" for word in words if word != "§"]
    for word in words:
        if len(word) > _MAX_STEM:
            features += (f"begin {word[:_MAX_STEM]}", f"end {word[-3:]}")
    features += [f"two {one} {two}" for one, two in pairwise(ended)]
    features += [
        f"three {one} {two} {three}"
        for one, two, three in zip(ended, ended[1:], ended[2:], strict=False)
    ]
    return features


def _features_of_concepts(concepts: list[tuple[str, ...]]) -> Iterator[str]:
    if concepts:
        yield from (f"first {one}" for one in concepts[0])
        yield from (f"last {one}" for one in concepts[-1])
    for place, some in enumerate(concepts):
        later = {two for others in concepts[place + 1 : place + 1 + _REACH] for two in others}
        for one in some:
            yield f"concept {one}"
            for two in later:
                yield f"before {one} {two}"
    yield f"concepts {min(len(concepts), 8)}"


def _features_of_form(text: str) -> Iterator[str]:
    for mark, alike in (("?", "?？"), ("!", "!"), ('"', '"'), (":", ":："), (",", ",，")):
        if any(map(text.__contains__, alike)):
            yield f"mark {mark}"
    for name, form in (("digit", _DIGIT), ("name", _NAME), ("code", _CODE)):
        if form.search(text):
            yield f"form {name}"
    if text.isascii() or not _UNSPACED.search(text):
        yield "script other"
    else:
        yield f"script {'kana' if _KANA.search(text) else 'han'}"


@lru_cache(maxsize=16_384)
def _concepts_of(word: str) -> tuple[str, ...]:
    table = words_of_concepts()
    if found := table.get(word):
        return found
    for end in range(len(word), _MIN_OF_A_PREFIX - 1, -1):
        if found := table.get(f"{word[:end]}*"):
            return found
    return ()


def _concepts_in(run: str) -> Iterator[tuple[str, ...]]:
    """Yield the concepts of the longest words that a text without spaces contains, in order."""
    table, longest = words_of_concepts(), _longest_unspaced()
    start = 0
    while start < len(run):
        for end in range(min(len(run), start + longest), start, -1):
            if found := table.get(run[start:end]):
                yield found
                start = end
                break
        else:
            start += 1


@cache
def words_of_concepts() -> Mapping[str, tuple[str, ...]]:
    """Read the concepts of each word; a word that ends in * matches all that begin with it."""
    table: dict[str, tuple[str, ...]] = {}
    for line in _WORDS.read_text(encoding="utf-8").splitlines():
        concept, _, words = line.partition(": ")
        for word in dict.fromkeys(words.split()):
            table[word] = (*table.get(word, ()), concept)
    return table


@cache
def _longest_unspaced() -> int:
    return max(len(word) for word in words_of_concepts() if is_unspaced(word))
