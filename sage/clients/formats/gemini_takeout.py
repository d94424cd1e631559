"""Gemini: MyActivity.json of Google Takeout."""

from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from sage.clients.reading.format import Entry, ImportFormat, read_each
from sage.clients.reading.json_stream import read_records
from sage.clients.transcripts.times import time_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sage.clients.reading.files import File
    from sage.clients.reading.sample import SourceSample

_PRODUCT = re.compile(r"(?<![A-Za-z])(?:Gemini|Bard)(?![A-Za-z])")
_PROMPTED = re.compile(r"(?:(?:Prompted|Asked|Said)|Eingegebener Prompt:)\s+")
_DONE = re.compile(r"(?:Created|Used|Gave|Selected|Opened|Shared|Deleted)\s")
_ATTACHED = re.compile(r"\s*Attached \d+ files?\.\s*$")
_SILENCE = timedelta(minutes=30)


def _recognizes(sample: SourceSample) -> bool:
    return sample.has("title", "time") and bool(_PRODUCT.search(_product(sample.first)))


def _product(activity: dict[str, Any]) -> str:
    return f"{activity.get('header')} {activity.get('products')}"


def _read(file: File) -> Iterator[Entry]:
    """Yield prompts and answers in order of time; half an hour without any ends a session."""
    with file.open() as stream:
        activities = [one for one in read_records(stream) if isinstance(one, dict)]
    session, latest = "", None
    for activity in sorted(activities, key=lambda one: str(one.get("time"))):
        when = time_of(activity.get("time"))
        if latest is None or (when and when - latest > _SILENCE):
            session = str(activity.get("time"))
        latest = when or latest
        yield from read_each([activity], lambda one: _activity(one, session, when))  # noqa: B023 - at once


def _activity(activity: dict[str, Any], session: str, when: datetime | None) -> Iterator[Entry]:
    title = str(activity["title"])
    answer = "\n\n".join(_plain(one["html"]) for one in activity.get("safeHtmlItem") or [])
    prompt, known = _PROMPTED.subn("", title, count=1)
    is_prompt = bool(_PRODUCT.search(_product(activity))) and not _DONE.match(title)
    left_out = "" if is_prompt and (known or answer) else "activities"
    key = f"{activity['time']}\0{title}"
    yield Entry(key, session, "user", _ATTACHED.sub("", prompt), when, left_out=left_out)
    if answer and not left_out:
        after = when + timedelta(microseconds=1) if when else None
        yield Entry(f"{key}\0answer", session, "assistant", answer, after)


class _Text(HTMLParser):
    """Collects the text of HTML; blocks begin on a new line."""

    _BLOCKS = frozenset({"p", "br", "div", "li", "tr", "pre", "h1", "h2", "h3", "h4", "ul", "ol"})

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, _attributes: object) -> None:
        if tag in self._BLOCKS:
            self.parts.append("\n- " if tag == "li" else "\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def _plain(html: str) -> str:
    parser = _Text()
    parser.feed(html)
    parser.close()
    return "".join(parser.parts).strip()


GEMINI_TAKEOUT = ImportFormat("gemini", _recognizes, _read)
