"""Bound the number of tokens a text takes in a language model, without its tokenizer.

Which model will read a context is not known here, so each piece of a text is charged at least what
it costs in the dearest of six tokenizers: cl100k and o200k of OpenAI, DeepSeek V4, Qwen Max, Qwen
3.5 and Claude 2. The bound is measured, not proven. In windows of 200 characters of English and
Chinese conversation, Python code and package descriptions none of them took more (English
conversation takes 0.73 to 0.86 of it), nor did they in texts of sixteen other languages, random
letters, base64, digits, emoji and rare characters: a word is charged little only if every pair of
its letters is common in English, and a character only if its people's old character set has it.
What no such set has is charged by its bytes in UTF-8, more of which no byte-level tokenizer can
make of it. What the bound leaves open: a text of a few words may take a token or two more than it
says, and letters of one script thrown together at random up to half more in Claude 2 and cl100k.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache

MOST_CHARS_PER_TOKEN = 16

_PIECE = re.compile(r"(?: (?=[^ 0-9]))?(?:[A-Za-z]+| +|.)", re.DOTALL)
_MEMORABLE_CHARS = 32
_COMMON_PAIRS = frozenset(
    """
    ab ac ad af ag ah ai ak al am an ap ar as at au av aw ax ay ba bc be bi bj bl bo br bs bu by
    ca cc ce ch ci ck cl cm co cr cs ct cu da dc dd de di dl do dr ds dt du dy ea eb ec ed ee ef
    eg ei ek el em en eo ep eq er es et ev ew ex ey fa fe ff fi fl fo fr fs ft fu ga ge gh gi gl
    gn go gr gs gt gu ha he hi hn ho hr ht hu ia ib ic id ie if ig ik il im in io ip ir is it iv
    ix iz je jo ju ka kd ke ki kn ks kw la ld le lf li ll lo lp ls lt lu ly ma mb md me mi ml mm
    mo mp ms mu my na nc nd ne nf ng ni nk nl nn no np ns nt nu nv ny oa ob oc od oe of og oh oi
    oj ok ol om on oo op or os ot ou ov ow pa pc pd pe ph pi pl po pp pr ps pt pu py qu ra rc rd
    re rf rg ri rk rl rm rn ro rp rr rs rt ru rv rw ry sa sc se sh si sk sl sm sn so sp ss st su
    sy ta tc td te tf th ti tl tm to tp tr ts tt tu tw ty tz ua ub uc ud ue uf ug ui ul um un up
    ur us ut va ve vi wa we wh wi wn wo wr ws xa xc xe xi xp xt ye yi yn yo yp ys yt ze zi
    """.split()  # noqa: SIM905 - a list of pairs reads best as pairs
)
# Costs are whole hundredths of a token, so that sums do not depend on their order.
_TOKEN = 100
_SHORT_WORD = 4
_FURTHER_LETTER = 20
_ODD_LETTER = 78
_COMMON_HAN = 145
_RARE_BYTE = 115
_EVERYDAY = (  # (code points, the character set whose characters are everyday ones, cost of one)
    (range(0x00A0, 0x0250), "utf-8", 200),  # accented Latin
    (range(0x0370, 0x0400), "iso8859-7", 150),  # Greek
    (range(0x0400, 0x0460), "iso8859-5", 85),  # Cyrillic
    (range(0x0590, 0x0600), "iso8859-8", 130),  # Hebrew
    (range(0x0600, 0x0700), "iso8859-6", 120),  # Arabic
    (range(0x0900, 0x0980), "utf-8", 220),  # Devanagari
    (range(0x0E00, 0x0E80), "tis-620", 220),  # Thai
    (range(0x1EA0, 0x1F00), "utf-8", 210),  # accented Latin of Vietnamese
    (range(0x3000, 0x3100), "shift_jis", 145),  # kana, CJK punctuation
    (range(0xAC00, 0xD7A4), "euc_kr", 165),  # Hangul
    (range(0xFF00, 0xFFF0), "gb2312", 145),  # full-width punctuation
)
_HAN = range(0x4E00, 0xA000)
_EVERYDAY_HAN = {bytes([row]) for row in range(0xB0, 0xD8)}  # the 3,755 of level 1 of GB 2312
_LONGEST_CODE = 2  # euc_kr has longer ones, for syllables outside of its set


def count_tokens_upper_bound(text: str) -> int:
    """Give a number of tokens that `text` does not exceed in common tokenizers."""
    return math.ceil(sum(map(_cost, _PIECE.findall(text))) / _TOKEN)


def _cost(piece: str) -> int:
    return _remembered(piece) if len(piece) <= _MEMORABLE_CHARS else _reckoned(piece)


def _reckoned(piece: str) -> int:
    if not piece.strip(" "):
        return _TOKEN + len(piece) * _TOKEN // MOST_CHARS_PER_TOKEN
    chars = piece.removeprefix(" ")  # a space is part of what comes after it
    if not chars.isascii():
        return _wide(chars)
    return _word(chars) if chars.isalpha() else _TOKEN


_remembered = lru_cache(16_384)(_reckoned)


def _word(word: str) -> int:
    pairs = (word[place : place + 2].lower() for place in range(len(word) - 1))
    if (word.islower() or word.istitle()) and _COMMON_PAIRS.issuperset(pairs):
        return _TOKEN + max(0, len(word) - _SHORT_WORD) * _FURTHER_LETTER
    return max(_TOKEN, len(word) * _ODD_LETTER)


def _wide(char: str) -> int:
    code = ord(char)
    if code in _HAN and _code_of(char, "gb2312")[:1] in _EVERYDAY_HAN:
        return _COMMON_HAN
    for codes, charset, cost in _EVERYDAY:
        if code in codes and 0 < len(_code_of(char, charset)) <= _LONGEST_CODE:
            return cost
    return _RARE_BYTE * len(char.encode(errors="surrogatepass"))


def _code_of(char: str, charset: str) -> bytes:
    return char.encode(charset, errors="ignore")
