"""Rows of tables in text: CSV with a header, and the COPY blocks of a PostgreSQL dump.

The user passes the format of the dates in CSV, since 04/03/2026 is ambiguous.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO

from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_FIELD_CHARS = 64_000_000
_MAX_LINE_BYTES = 64_000_000
_COPY = re.compile(rb'COPY (?:[\w"]+\.)?"?(?P<table>\w+)"? \((?P<columns>[^)]+)\) FROM stdin;\s*')
_ESCAPE = re.compile(r"\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|(.))", re.DOTALL)
_CONTROLS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}

AMBIGUOUS = "ambiguous date"
"""The reason for which a row with an ambiguous day and month is skipped."""

_OPTION = "--date-format"
_HINT = "use the format of `date`, such as %d/%m/%Y or %m/%d/%Y %H:%M"
_ANY_DAY = datetime(2024, 3, 14, tzinfo=UTC)


def delimiter_of(header: str) -> str:
    """Return the separator of columns: the most frequent of comma, semicolon and tab."""
    return max(",;\t", key=header.count)


def read_csv(stream: BinaryIO) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV file by the names in its first line. Raises ValueError."""
    csv.field_size_limit(_MAX_FIELD_CHARS)
    text = io.TextIOWrapper(stream, "utf-8-sig", newline="")
    try:
        header = text.readline()
        for row in csv.DictReader(chain([header], text), delimiter=delimiter_of(header)):
            yield {name.strip(): value or "" for name, value in row.items() if name}
    except csv.Error as error:
        raise ValueError(f"is not CSV: {error}") from None
    finally:
        text.detach()


def read_copied(stream: BinaryIO) -> Iterator[tuple[str, dict[str, str | None]]]:
    """Yield the rows in a plain dump of `pg_dump`, each with its table, skipping other lines."""
    table, columns = "", list[str]()
    while line := stream.readline(_MAX_LINE_BYTES):
        if not table:
            if block := _COPY.fullmatch(line):
                table = block["table"].decode()
                columns = [name.strip(' "') for name in block["columns"].decode().split(",")]
        elif line.rstrip(b"\r\n") == rb"\.":
            table = ""
        else:
            fields = line.decode(errors="replace").rstrip("\r\n").split("\t")
            yield table, dict(zip(columns, map(_unescaped, fields), strict=False))


def _unescaped(field: str) -> str | None:
    if field == r"\N":
        return None
    return _ESCAPE.sub(_character, field) if "\\" in field else field


def _character(escape: re.Match[str]) -> str:
    octal, hexadecimal, letter = escape.groups()
    if octal:
        return chr(int(octal, 8))
    return chr(int(hexadecimal, 16)) if hexadecimal else _CONTROLS.get(letter, letter)


def checked_date_format(text: str | None) -> str:
    """Check that a format includes a whole date; empty for none. Raises InvalidInputError."""
    if text is None:
        return ""
    try:
        written = _ANY_DAY.strftime(text)
        has_year = written != _ANY_DAY.replace(year=_ANY_DAY.year + 1).strftime(text)
        is_whole = has_year and date_in(written, text).date() == _ANY_DAY.date()
    except ValueError:
        raise InvalidInputError(
            _OPTION,
            phrase("{field}: {text} is not a date format", text=repr(text)[:40]),
            hint=_HINT,
        ) from None
    if not is_whole:
        raise InvalidInputError(
            _OPTION,
            phrase("{field}: {text} lacks the day, month or year", text=repr(text)[:40]),
            hint=_HINT,
        )
    return text


def date_in(text: str, date_format: str) -> datetime:
    """Parse a date by a format, maybe without a zone. Raises ValueError."""
    return datetime.strptime(text.strip(), date_format)  # noqa: DTZ007 - the zone is added later


def require_date(text: str, date_format: str, place: str) -> None:
    """Raise InvalidInputError for a text that does not match a format; an empty one is ignored."""
    try:
        if text.strip():
            date_in(text, date_format)
    except ValueError:
        raise InvalidInputError(
            place,
            phrase(
                "{field}: {text} does not match {option} {date_format}",
                text=repr(text)[:40],
                option=_OPTION,
                date_format=date_format,
            ),
            hint=_HINT,
        ) from None
