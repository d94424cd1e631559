"""Bounds of what a JSON parser is given: parsing holds up every other call meanwhile."""

from __future__ import annotations

import re
from typing import Literal

MAX_DEPTH = 64
MAX_MARKS = 32_768
"""Brackets, braces and commas: the largest save there can be has about 22,000."""

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_NO_MARKS = bytes(set(range(256)) - set(b"[]{},"))
_OPENING, _CLOSING = b"[{", b"]}"


def find_excess(text: bytes) -> Literal["values", "depth"] | None:
    """Return which bound a JSON text exceeds; None when it may be parsed."""
    marks = b"".join(_STRING.split(text, MAX_MARKS)).translate(None, _NO_MARKS)
    depth = 0
    for mark in marks[:MAX_MARKS]:
        if mark in _OPENING:
            depth += 1
            if depth > MAX_DEPTH:
                return "depth"
        elif mark in _CLOSING:
            depth -= 1
    return "values" if len(marks) > MAX_MARKS else None
