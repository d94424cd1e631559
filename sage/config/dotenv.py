"""Parser of `.env`: `NAME=value` lines in the syntax of shells and Docker Compose."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE = re.compile(r"(?:export[ \t]+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)[ \t]*=(?P<rest>.*)")
_SINGLE_QUOTED = re.compile(r"'(?P<text>[^']*)'[ \t]*(?:#.*)?")
_DOUBLE_QUOTED = re.compile(r'"(?P<text>(?:[^"\\]|\\.)*)"[ \t]*(?:#.*)?')
_COMMENT = re.compile(r"[ \t]+#.*")
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True)
class Assignment:
    """One line that sets a variable."""

    line: int
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be parsed. The reason never quotes it, as it may contain a secret."""

    line: int
    reason: str


def parse_dotenv(text: str) -> list[Assignment | BadLine]:
    r"""Parse every line, skipping blank lines and comments.

    An unquoted value ends before ` #`; one in single quotes is taken literally; in double quotes
    `\n`, `\t`, `\r`, `\"` and `\\` are escapes. `$NAME` is never substituted.
    """
    read: list[Assignment | BadLine] = []
    for number, raw_line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        line = raw_line.strip()
        if not line or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            read.append(BadLine(number, "is not NAME=value"))
            continue
        value = _value(match["rest"])
        if value is None:
            read.append(BadLine(number, "has a quote that does not close, or text after it"))
        else:
            read.append(Assignment(number, match["name"], value))
    return read


def _value(rest: str) -> str | None:
    text = rest.strip()
    match text[:1]:
        case "'":
            quoted = _SINGLE_QUOTED.fullmatch(text)
            return quoted["text"] if quoted else None
        case '"':
            quoted = _DOUBLE_QUOTED.fullmatch(text)
            return _ESCAPE.sub(_unescape, quoted["text"]) if quoted else None
        case _:
            return _COMMENT.sub("", rest).strip()


def _unescape(escape: re.Match[str]) -> str:
    return _ESCAPED.get(escape[1], escape[1])
