"""Marks that a model mistakes for the end of a quotation, or for another speaker.

They are those of Sage, those with which AI clients enclose the output of hooks and tools, and the
control tokens of chat templates.
"""

from __future__ import annotations

import functools
import re
import unicodedata

OPENING = "<\u02c2\u1438\u2039\u227a\u276c\u276e\u2770\u27e8\u29fc\u3008"
_COMPATIBLE = "\u2329\ufe3f\ufe64\uff1c"  # become one of these in NFKC
MAY_OPEN = re.compile(f"[{OPENING}{_COMPATIBLE}]")
"""The first characters of marks, before NFKC or after it."""

_DASHES = "\u1173\u30fc\u3161\u4e00"  # letters
_GAP = rf"(?:[^\w{OPENING}]|[_{_DASHES}])*"
_ALIKE = {
    "a": "4\u0251\u03b1\u0430\u1d00",
    "c": "\u03f2\u0441\u1d04",
    "e": "3\u0435\u1d07",
    "g": "69\u0261\u0262",
    "h": "\u04bb\u029c",
    "i": "1\u0131\u0456\u04cf\u026a",
    "k": "\u03ba\u043a\u1d0b",
    "l": "1\u029f\u04cf",
    "m": "\u043c\u1d0d",
    "n": "\u0274",
    "o": "0\u03bf\u043e\u1d0f",
    "p": "\u0440\u1d18",
    "r": "\u0433\u0280",
    "s": "5\u0455\ua731",
    "t": "7\u0442\u1d1b",
    "u": "\u03c5\u1d1c",
    "x": "\u0445\u03c7",
    "y": "\u0443\u028f",
}


def _letters() -> dict[str, str]:
    """Return a pattern for each letter: the letter, its lookalikes, and its accented forms."""
    forms = {letter: letter + _ALIKE.get(letter, "") for letter in "abcdefghijklmnopqrstuvwxyz"}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        plain = unicodedata.normalize("NFKD", chr(code))[0]
        if plain in forms:
            forms[plain] += chr(code)
    return {letter: f"[{form}]" for letter, form in forms.items()}


_LETTERS = _letters()


def _spelt(word: str) -> str:
    return _GAP.join(_LETTERS[letter] for letter in word)


_OF_SAGE = "|".join(_spelt(word) for word in ("memories", "summary", "recall"))
_BLOCKS = "|".join(
    [
        rf"{_spelt('sage')}(?:[\W_{_DASHES}]|$|{_OF_SAGE})",
        *(
            rf"{_spelt(name)}(?:[\W_{_DASHES}]|$)"
            for name in (
                *("systemreminder", "hookcontext", "userpromptsubmit", "qwenuserpromptsubmit"),
                *("functioncalls", "functionresult", "functionresults", "functionresponse"),
                *("toolcall", "tooluse", "tooloutput", "toolresult", "toolresults", "toolresponse"),
                *("startofturn", "endofturn", "antml", "invoke"),
            )
        ),
        rf"{_spelt('system')}(?:\W*…|\s*(?:[>\uff1e]|$))",
    ]
)
_MARK = (
    rf"[{OPENING}](?="
    rf"{_GAP}(?:{_BLOCKS})"
    r"|[|\uff5c][^<>|\uff5c\s]{1,60}[|\uff5c]>"  # <|im_start|> and its like
    r"|/?(?:s|bos|eos|sop|eop|think|user_instructions|environment_context)>"
    r"|</?SYS>)"
)


@functools.cache  # to compile it takes longer than all else in this module
def mark() -> re.Pattern[str]:
    """Return the pattern of the first character of a mark."""
    return re.compile(_MARK, re.IGNORECASE)


BRACKET = re.compile(
    r"\[(?=/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|gMASK)\])"
)
"""The first character of the control tokens that some templates write in brackets."""
