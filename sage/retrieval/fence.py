"""Keep recalled text from passing for anything but text: a mark of Sage's, a turn, a heading.

What was said may have been written to be recalled. It can end no block, also not with characters
that only look like the marks, and begin no turn; what a reader does not see is left out.
"""

from __future__ import annotations

import re

from sage.retrieval.words import normalized

_LINE_BREAK = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_UNSEEN = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|"  # colours and moves of a terminal
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f"  # control characters: an escape moves the cursor
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks of direction, which reorder what is seen
    "\u00ad\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"  # without width
    "\U000e0000-\U000e007f]"  # tags: a second alphabet that nobody sees
)
_OPENING = "<\u02c2\u1438\u2039\u276e\u27e8\u3008"
_COMPATIBLE = "\u2329\ufe3f\ufe64\uff1c"  # become one of these in NFKC
_MAY_OPEN = re.compile(f"[{_OPENING}{_COMPATIBLE}]")
_GAP = rf"(?:[^\w{_OPENING}]|_)*"
_ALIKE = {
    "a": "a\u0251\u03b1\u0430",
    "e": "e\u0435",
    "g": "g\u0261",
    "i": "i\u0456",
    "m": "m\u043c",
    "o": "o\u03bf\u043e",
    "r": "r",
    "s": "s\u0455",
    "u": "u\u03c5",
    "y": "y\u0443",
}


def _spelt(word: str) -> str:
    return _GAP.join(f"[{_ALIKE[letter]}]" for letter in word)


_FENCE = re.compile(
    rf"[{_OPENING}](?={_GAP}{_spelt('sage')}"
    rf"(?:\W|_|$|{_spelt('memories')}|{_spelt('summary')}))",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"[…\w](?:[\w .'@#/+=~…-]*[\w.…])?")


def fenced(text: str) -> str:
    """Keep text from ending the block it stands in or passing for a turn of its own."""
    return _LINE_BREAK.sub("\n    ", without_fences(text))


def without_fences(text: str) -> str:
    """Remove invisible characters, and keep text from opening or closing a block."""
    shown = _FENCE.sub("&lt;", _UNSEEN.sub("", text))
    if shown.isascii() or not _MAY_OPEN.search(shown):
        return shown
    alike = normalized(shown)
    return _FENCE.sub("&lt;", alike) if _FENCE.search(alike) else shown


def quoted(label: str) -> str:
    r"""Write a name in quotes, so that it passes for nothing else; no two are written alike.

    Quotes, brackets and what is not seen stand as `\u0022` in it.
    """
    return f'"{"".join(map(_escaped, label))}"'


def plain_or_quoted(label: str) -> str:
    """Write a label as it is where it can be taken for nothing else, else in quotes."""
    return label if _PLAIN.fullmatch(label) else quoted(label)


def _escaped(char: str) -> str:
    if char.isprintable() and char not in '"\\<>[]':
        return char
    code = ord(char)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - as JSON has it
