"""A process that reads one uploaded file: it writes memories and events, one on each line.

A line of a memory has the format of `sage export`, or only its id if memories are only counted. Any
other line begins with `#`, and reports progress as JSON. The content of the file is untrusted: this
process has resource limits, writes no file, and has no access to settings and secrets.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sage.clients.importing.memory_file import may_be_lines, opened_memories
from sage.clients.importing.selection import Selection, included, since_of
from sage.clients.importing.sources import require_date_format, sources_at
from sage.clients.importing.texts import passed_over
from sage.clients.reading.format import ReadCounts
from sage.domain.text.masking.masked import masked
from sage.domain.text.wording import one_line
from sage.errors import InvalidInputError
from sage.phrases import phrase
from sage.transfer.uploads.texts import written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime, tzinfo

    from sage.clients.importing.memory_file import MemoryFile
    from sage.clients.importing.source import Source
    from sage.domain.transfer import TransferredMemory

MARK = b"#"
OWN_SOURCE = "sage"
_MEMORY_BYTES = 1 << 30
_PROCESSOR_S = 3 * 3600
_OPEN_FILES = 64
_KINDNESS = 10
_REPORT_EVERY_S = 0.25
_LOOK_EVERY = 32
_SAMPLES = 5
_SAMPLE_CHARS = 200


def main(arguments: str) -> None:
    """Read the file named by the arguments, and write its content to standard output."""
    asked = json.loads(arguments)
    _bound_itself()
    try:
        _read(asked)
    except InvalidInputError as error:
        _refuse(error.message, error.hint)
    except MemoryError:
        _refuse(
            phrase("{name} takes too much memory to be read", name=asked["name"]),
            "import it with `sage import` or `sage-client.pyz import`, on the machine that has it",
        )
    except OSError as error:
        _refuse(
            phrase("{field} cannot be read: {reason}", field=asked["name"], reason=error.strerror),
            "hand it in once more",
        )
    else:
        _report(event="end")


def _read(asked: Mapping[str, object]) -> None:
    """Read a file of other programs, or an export of Sage. Raises InvalidInputError, OSError."""
    name = str(asked["name"])
    date_format = str(asked["date_format"] or "")
    selection = Selection(
        since_of(_text(asked["since"])),
        included(_text(asked["include"])),
        _zone(str(asked["timezone"])),
        date_format=date_format,
    )
    found = sources_at([Path(name)], selection)
    if found.refused and not found.sources:
        raise found.refused[0]
    if not found.sources:
        if not may_be_lines(Path(name)):
            raise InvalidInputError(
                name,
                "{field}: nothing that Sage can import was found there",
                hint="upload an export as downloaded, a transcript, a database, notes "
                "in Markdown, text or CSV, or the output of `sage export`",
            )
        _read_lines(name, asked)
        return
    if date_format:
        require_date_format(found.sources, date_format)
    total = sum(one.size_bytes for one in found.sources)
    if total > int(str(asked["most_bytes"])):
        raise InvalidInputError(
            name,
            phrase("{field}: unpacks to {size:,} bytes, too large for an export", size=total),
            hint="unpack it and upload the files one by one, if you trust it",
        )
    notes = [*map(written, passed_over(found))]
    _report(event="found", total_bytes=total, notes=notes)
    before = 0
    for one in found.sources:
        _report(event="source", source=one.name, files=len(one.files))
        _write(_OfSource(one, before), asked)
        before += one.size_bytes


def _read_lines(name: str, asked: Mapping[str, object]) -> None:
    """Read an export of Sage; if it is counted, all lines are checked first."""
    with opened_memories(name, None, _text(asked["session_id"])) as file:
        wrong = list[dict[str, object]]()
        if not asked["importing"]:
            try:
                file.count(lambda text: wrong.append(written(one_line(text))), lambda _: None)
            except InvalidInputError as error:
                _refuse(error.message, error.hint, wrong)
                raise SystemExit from None
        _report(event="found", total_bytes=file.size_bytes, notes=[])
        _report(event="source", source=OWN_SOURCE, files=1)
        _write(_OfLines(file), asked)


class _MemorySource(Protocol):
    """A source: its memories, and the progress of reading."""

    def memories(self) -> Iterator[TransferredMemory]:
        """Yield the memories."""

    @property
    def counts(self) -> ReadCounts:
        """The counts of the memories read."""

    @property
    def position(self) -> int:
        """The number of bytes of the whole upload that were read."""


@dataclass(frozen=True, slots=True)
class _OfSource:
    """A source, and the number of bytes read before it."""

    source: Source
    before: int

    def memories(self) -> Iterator[TransferredMemory]:
        return self.source.memories()

    @property
    def counts(self) -> ReadCounts:
        return self.source.counts

    @property
    def position(self) -> int:
        return self.before + self.source.position


@dataclass(frozen=True, slots=True)
class _OfLines:
    """An export of Sage."""

    file: MemoryFile
    counts: ReadCounts = field(default_factory=ReadCounts)

    def memories(self) -> Iterator[TransferredMemory]:
        for memory in self.file.memories():
            self.counts.read += 1
            yield memory

    @property
    def position(self) -> int:
        return self.file.lines.tell()


def _write(reading: _MemorySource, asked: Mapping[str, object]) -> None:
    """Write memories, or their ids, and report the progress from time to time."""
    out, reported_at = sys.stdout.buffer, time.monotonic()
    first: datetime | None = None
    last: datetime | None = None
    sample: list[dict[str, object]] = []
    for number, memory in enumerate(reading.memories()):
        if asked["importing"]:
            out.write(json.dumps(memory.to_json(), ensure_ascii=False).encode() + b"\n")
        else:
            out.write(f'{{"memory_id":"{memory.memory_id}"}}\n'.encode())
        when = memory.message.created_at
        if when is not None:
            first = when if first is None else min(first, when)
            last = when if last is None else max(last, when)
        if len(sample) < _SAMPLES:
            sample.append(_sampled(memory))
        if number % _LOOK_EVERY == 0 and time.monotonic() - reported_at >= _REPORT_EVERY_S:
            reported_at = time.monotonic()
            _report(event="at", **_come_to(reading))
    _report(
        event="read",
        **_come_to(reading),
        first_at=first and first.isoformat(),
        last_at=last and last.isoformat(),
        sample=sample,
    )


def _come_to(reading: _MemorySource) -> dict[str, object]:
    counts = reading.counts
    return {
        "read_bytes": reading.position,
        "counts": {
            "messages": counts.read,
            "copies": counts.copies,
            "repaired": counts.repaired,
            "split": counts.split,
            "undated": counts.undated,
            "left_out": counts.skipped,
        },
        "problems": [written(one_line(text)) for text in counts.problems],
    }


def _sampled(memory: TransferredMemory) -> dict[str, object]:
    message = memory.message
    return {
        "role": str(message.role),
        "text": one_line(masked(message.content[: 4 * _SAMPLE_CHARS]))[:_SAMPLE_CHARS],
        "created_at": message.created_at and message.created_at.isoformat(),
    }


def _refuse(message: str, hint: str, notes: Iterable[object] = ()) -> None:
    _report(event="refused", message=written(message), hint=written(hint), notes=[*notes])


def _report(**values: object) -> None:
    sys.stdout.buffer.write(MARK + json.dumps(values).encode() + b"\n")
    sys.stdout.buffer.flush()


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _bound_itself() -> None:
    """Limit the resources of this process to those of reading, and lower its priority."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # it ends with the process that started it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_KINDNESS)
    for name, most in (
        ("RLIMIT_AS", _MEMORY_BYTES),
        ("RLIMIT_CPU", _PROCESSOR_S),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_NOFILE", _OPEN_FILES),
        ("RLIMIT_CORE", 0),
    ):
        kind = getattr(resource, name)
        hard = resource.getrlimit(kind)[1]
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(kind, (bound, hard))
        except (ValueError, OSError):  # as on macOS, which has no limit of the address space
            continue


if __name__ == "__main__":
    folder, given = sys.argv[1:]
    os.chdir(folder)
    main(given)
