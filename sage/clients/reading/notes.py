"""Notes as text: their encoding, their front matter, and their sections."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_NOTE_BYTES = 32_000_000
_FRONT_MATTER = re.compile(
    r"---[ \t]*\r?\n(?P<lines>.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE
)
_KEY = re.compile(r"(?P<key>[\w-]+):[ \t]*(?P<value>.*)")
_HEADING = re.compile(r"#{1,6}[ \t]+(?P<title>.+)")
_FENCE = re.compile(r"[ \t]*(```|~~~)")
_DAY = re.compile(
    r"(?P<year>\d{4})(?:-|/|\.|\s*年\s*)(?P<month>\d{1,2})(?:-|/|\.|\s*月\s*)(?P<day>\d{1,2})(?!\d)"
)
_PARAGRAPHS = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


@dataclass(frozen=True, slots=True)
class Section:
    """A piece of a note: its text, its day, and an id derived from its content."""

    text: str
    day: str
    key: str


def read_text(stream: BinaryIO) -> str:
    """Read text in UTF-8, in UTF-16 with a BOM, or in GB 18030. Raises ValueError."""
    raw = stream.read(_MAX_NOTE_BYTES + 1)
    if len(raw) > _MAX_NOTE_BYTES:
        raise ValueError(f"is longer than {_MAX_NOTE_BYTES:,} bytes")
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = raw.decode("utf-16")
    else:
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = raw.decode("gb18030")
    return text.replace("\r\n", "\n")


def split_front_matter(text: str) -> tuple[dict[str, str | list[str]], str]:
    """Return the simple values of the front matter, texts and lists of them, and the body."""
    found = _FRONT_MATTER.match(text)
    if found is None:
        return {}, text
    values: dict[str, str | list[str]] = {}
    key = ""
    for line in found["lines"].splitlines():
        item = line.strip()
        if item.startswith("- ") and key:
            before = values[key]
            values[key] = [*(before if isinstance(before, list) else []), item[2:].strip("\"' ")]
        elif pair := _KEY.fullmatch(line):
            key = pair["key"]
            values[key] = _value(pair["value"].strip())
    return values, text[found.end() :]


def _value(text: str) -> str | list[str]:
    if text.startswith("[") and text.endswith("]"):
        return [one.strip("\"' ") for one in text[1:-1].split(",") if one.strip()]
    return text.strip("\"'")


def sections_of(text: str, *, whole_up_to: int = 0) -> Iterator[Section]:
    """Yield the sections of a Markdown note, or a note of up to `whole_up_to` characters whole."""
    times: Counter[str] = Counter()
    if len(text) <= whole_up_to:
        yield from _numbered(text, "", times)
        return
    day, lines, fenced = "", list[str](), False
    for line in text.split("\n"):
        heading = None if fenced else _HEADING.match(line)
        fenced ^= _FENCE.match(line) is not None
        if heading:
            yield from _numbered("\n".join(lines), day, times)
            lines = []
            day = day_in(heading["title"]) or day
        lines.append(line)
    yield from _numbered("\n".join(lines), day, times)


def paragraphs_of(text: str) -> Iterator[Section]:
    """Yield the paragraphs of a text."""
    times: Counter[str] = Counter()
    for paragraph in _PARAGRAPHS.split(text):
        yield from _numbered(paragraph, "", times)


def day_in(title: str) -> str:
    """Return the day at the beginning of a heading, in ISO 8601, or an empty string."""
    found = _DAY.match(title.strip())
    if found is None:
        return ""
    return f"{found['year']}-{int(found['month']):02}-{int(found['day']):02}"


def _numbered(text: str, day: str, times: Counter[str]) -> Iterator[Section]:
    """Yield a section unless it is empty or only a heading; repeated ones get distinct ids."""
    text = text.strip()
    if text and ("\n" in text or not _HEADING.fullmatch(text)):
        key = hashlib.sha256(text.encode(errors="replace")).hexdigest()[:32]
        times[key] += 1
        yield Section(text, day, f"{key}\0{times[key]}" if times[key] > 1 else key)
