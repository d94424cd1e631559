"""Bounds for the input of a JSON parser: parsing blocks all other calls."""

from __future__ import annotations

import re
from typing import Literal

MAX_DEPTH = 64
MAX_DIGITS = 100
"""In one number: Python takes quadratic time to parse and format thousands of digits."""
MAX_MARKS = 32_768
"""Brackets, braces and commas: the largest possible save has about 22,000."""

_MAX_STRINGS = 2 * MAX_MARKS  # a text with more of them has more marks than allowed
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_NO_MARKS = bytes(set(range(256)) - set(b"[]{},"))
_OPENING, _CLOSING = b"[{", b"]}"
_DIGITS_AS_ZEROS = bytes.maketrans(b"123456789", b"0" * 9)
_TOO_LONG = b"0" * (MAX_DIGITS + 1)


def find_excess(text: bytes) -> Literal["values", "depth", "digits"] | None:
    """Return the bound that a JSON text exceeds; None if it may be parsed."""
    plain = b" ".join(_STRING.split(text, _MAX_STRINGS))
    if _TOO_LONG in plain.translate(_DIGITS_AS_ZEROS):
        return "digits"
    marks = plain.translate(None, _NO_MARKS)
    depth = 0
    for mark in marks[:MAX_MARKS]:
        if mark in _OPENING:
            depth += 1
            if depth > MAX_DEPTH:
                return "depth"
        elif mark in _CLOSING:
            depth -= 1
    return "values" if len(marks) > MAX_MARKS else None
