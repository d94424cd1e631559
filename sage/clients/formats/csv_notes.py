"""CSV with a header that names a text column, and perhaps columns of author and time."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sage.clients.reading.format import Entry, ImportFormat, read_each
from sage.clients.reading.tables import AMBIGUOUS, date_in, delimiter_of, read_csv, require_date

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sage.clients.reading.files import File
    from sage.clients.reading.sample import SourceSample

_COLUMNS = {
    "text": ("content", "text", "message", "memory", "note", "内容", "消息"),
    "role": ("role", "speaker", "sender", "角色"),
    "said_at": ("created_at", "date", "time", "timestamp", "时间", "日期"),
    "session": ("session_id", "session", "conversation", "会话"),
    "key": ("id", "uuid", "memory_id"),
}
_ROLES = {"human": "user", "me": "user", "ai": "assistant", "bot": "assistant", "用户": "user"}
_KNOWN = {"user", "assistant", "system", "tool"}
_MODEL = re.compile(
    r"\b(?:gpt|chatgpt|claude|gemini|deepseek|qwen|llama|mistral|grok|copilot|kimi)"
)
_AMBIGUOUS = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}.*")
_YEAR_FIRST = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})")


def _recognizes(sample: SourceSample) -> bool:
    header = sample.text.partition("\n")[0].strip()
    names = header.split(delimiter_of(header))
    return sample.file.suffix == ".csv" and bool(
        {name.strip(' "').lower() for name in names} & {*_COLUMNS["text"]}
    )


def _read(file: File, date_format: str = "") -> Iterator[Entry]:
    times: dict[str, int] = {}
    with file.open() as stream:
        yield from read_each(read_csv(stream), lambda row: [_entry(row, file, times, date_format)])


def require_dates(file: File, date_format: str) -> None:
    """Raise InvalidInputError for the first date in a file that does not match a format."""
    with file.open() as stream, suppress(ValueError):  # what is no CSV fails when it is read
        for number, row in enumerate(read_csv(stream), 1):
            require_date(_cells(row)["said_at"], date_format, f"{file.name}, row {number}")


def _cells(row: dict[str, str]) -> dict[str, str]:
    cells = {name.lower(): cell for name, cell in row.items()}
    return {
        what: next((cells[name] for name in names if cells.get(name)), "")
        for what, names in _COLUMNS.items()
    }


def _entry(row: dict[str, Any], file: File, times: dict[str, int], date_format: str) -> Entry:
    """Return the entry of a row; without an id, it is identified by its text and repetition."""
    found = _cells(row)
    date = found["said_at"]
    speaker = found["role"].strip()
    role = _ROLES.get(speaker.lower(), speaker.lower() or "user")
    said = "\0".join(found[what] for what in ("session", "role", "said_at", "text"))
    times[said] = times.get(said, 0) + 1
    return Entry(
        found["key"] or f"{said}\0{times[said]}",
        found["session"] or file.relative_name,
        role if role in _KNOWN else "assistant" if _MODEL.search(role) else "user",
        found["text"],
        date_in(date, date_format) if date and date_format else _YEAR_FIRST.sub(_dashed, date),
        name=None if role in _KNOWN else speaker,
        left_out=AMBIGUOUS if not date_format and _AMBIGUOUS.fullmatch(date) else "",
    )


def _dashed(date: re.Match[str]) -> str:
    year, month, day = date.groups()
    return f"{year}-{int(month):02}-{int(day):02}"


CSV_NOTES = ImportFormat("csv", _recognizes, _read, takes_date_format=True)
