"""Folders of notes: of basic-memory, of the memory tool, of Claude Code, and any others."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING

from sage.clients.reading.format import Entry, ImportFormat
from sage.clients.reading.notes import paragraphs_of, read_text, sections_of, split_front_matter
from sage.clients.reading.projects import folder_of_project, project_metadata

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sage.clients.reading.files import File
    from sage.clients.reading.sample import SourceSample

_SHORT_NOTE_CHARS = 2_000
_MEMORY_TOOL = "memories"
_AUTO_MEMORY = "memory"
_AUTO_MEMORY_KEYS = {"name", "description"}
_DATED_LINE = re.compile(r"^\[(?P<day>[^\]\n]{4,20})\] - (?P<text>.*)$")
_DAYS = ("created", "created_at", "date", "modified", "updated", "updated_at")
_TEXTS = frozenset({".md", ".txt"})


def _is_basic_memory(sample: SourceSample) -> bool:
    return sample.file.suffix == ".md" and "permalink" in split_front_matter(sample.text)[0]


def _read_basic_memory(file: File) -> Iterator[Entry]:
    head, text = _opened(file)
    link = str(head["permalink"])
    for section in sections_of(text, whole_up_to=_SHORT_NOTE_CHARS):
        yield Entry(
            f"{link}\0{section.key}",
            link,
            text=section.text,
            said_at=section.day or _day_of(head),
            metadata={key: head.get(key) for key in ("title", "type", "tags")},
        )


def _is_auto_memory(sample: SourceSample) -> bool:
    folders = PurePath(sample.file.name).parts[-3:-1]
    if sample.file.suffix != ".md" or _AUTO_MEMORY not in folders[-1:]:
        return False
    return sample.file.path.name == "MEMORY.md" or (
        split_front_matter(sample.text)[0].keys() >= _AUTO_MEMORY_KEYS
    )


def _read_auto_memory(file: File) -> Iterator[Entry]:
    """Yield the notes of a project; its index adds nothing to them."""
    head, text = _opened(file)
    project, _, name = PurePath(file.name).parts[-3:]
    folder = "" if file.member else folder_of_project(file.path.absolute().parent.parent)
    for section in sections_of(text, whole_up_to=_SHORT_NOTE_CHARS):
        yield Entry(
            f"{project}\0{name}\0{section.key}",
            project,
            text=section.text,
            metadata={
                **project_metadata(folder, project),
                "title": head.get("name"),
                **{key: head.get(key) for key in ("description", "type")},
            },
            left_out="index" if name == "MEMORY.md" else "",
        )


def _is_memory_tool(sample: SourceSample) -> bool:
    return sample.file.suffix in {*_TEXTS, ".xml"} and _MEMORY_TOOL in _folders(sample.file)


def _folders(file: File) -> tuple[str, ...]:
    return PurePath(file.name).parts[:-1]


def _read_memory_tool(file: File) -> Iterator[Entry]:
    head, text = _opened(file)
    parts = PurePath(file.name).parts
    place = "/".join(parts[parts.index(_MEMORY_TOOL) + 1 :])
    for section in sections_of(text, whole_up_to=_SHORT_NOTE_CHARS):
        yield Entry(f"{place}\0{section.key}", place, text=section.text, metadata=head)


def _is_memory_list(sample: SourceSample) -> bool:
    return sample.file.suffix in _TEXTS and any(
        _DATED_LINE.match(line) for line in sample.text.splitlines()[:20]
    )


def _read_memory_list(file: File) -> Iterator[Entry]:
    """Yield the text after each date, with its continuation lines."""
    kept: list[tuple[str, list[str]]] = []
    for line in _opened(file)[1].splitlines():
        if found := _DATED_LINE.match(line):
            kept.append((found["day"], [found["text"]]))
        elif line.startswith("```"):
            if kept:
                break
        elif kept and line.strip():
            kept[-1][1].append(line.strip())
    times: dict[str, int] = {}
    for day, lines in kept:
        text = "\n".join(lines)
        times[text] = times.get(text, 0) + 1
        when = f"{day}-01" if re.fullmatch(r"\d{4}-\d\d", day) else day
        yield Entry(f"{text}\0{times[text]}", "list", text=text, said_at=when)


def _is_note(sample: SourceSample) -> bool:
    return sample.file.suffix in _TEXTS


def _read_notes(file: File) -> Iterator[Entry]:
    """Yield the sections of a note, the same from whichever folder it is reached."""
    head, text = _opened(file)
    place = file.relative_name
    name = PurePath(place).name
    sections = sections_of(text) if file.suffix == ".md" else paragraphs_of(text)
    day = _day_of(head)
    for section in sections:
        yield Entry(
            f"{name}\0{section.key}",
            place,
            "user",
            section.text,
            section.day or day,
            metadata={"title": head.get("title"), "tags": head.get("tags")},
        )


def _day_of(head: Mapping[str, str | list[str]]) -> str | list[str]:
    """Return when a note was created, or else changed, from its front matter."""
    return next((head[name] for name in _DAYS if head.get(name)), "")


def _opened(file: File) -> tuple[dict[str, str | list[str]], str]:
    with file.open() as stream:
        return split_front_matter(read_text(stream))


BASIC_MEMORY = ImportFormat("basic-memory", _is_basic_memory, _read_basic_memory)
AUTO_MEMORY = ImportFormat(
    "claude-code-memory", _is_auto_memory, _read_auto_memory, in_projects=True
)
MEMORY_TOOL = ImportFormat("memory-tool", _is_memory_tool, _read_memory_tool)
MEMORY_LIST = ImportFormat("memory-list", _is_memory_list, _read_memory_list)
NOTES = ImportFormat("notes", _is_note, _read_notes)
