"""Turn the entries of readers into memories: deduplicated, cleaned, dated, and counted."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sage.clients.hooks.pausing import LEFT_OUT, is_within
from sage.clients.hooks.settings import as_captured
from sage.clients.importing.id_set import IdSet
from sage.clients.importing.selection import Selection
from sage.clients.reading.files import unreadable
from sage.clients.reading.format import READ_ERRORS, UNREADABLE, Entry, ReadCounts
from sage.clients.reading.trees import BRANCHES
from sage.clients.transcripts.cleaning import UNSTORABLE, spoken
from sage.clients.transcripts.times import time_of
from sage.clients.transcripts.turns import memory_id, part_of, replaced_ids, split_text
from sage.domain import limits
from sage.domain.memories import Message, Role
from sage.domain.text.masking.masked import masked
from sage.domain.text_length import normalized_length
from sage.domain.transfer import TO_UTF8, TransferredMemory
from sage.domain.validation import validate_metadata
from sage.errors import InvalidInputError
from sage.phrases import as_phrase, phrase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from uuid import UUID

    from sage.clients.reading.files import File
    from sage.clients.reading.format import ImportFormat

_ROLES = {role.value: role for role in Role}

_FEW = 8
_SHORT_CHARS = 256


@dataclass(slots=True)
class Source:
    """The files of one program, with counts of what was read so far."""

    format: ImportFormat
    files: list[File]
    selection: Selection = field(default_factory=Selection)
    counts: ReadCounts = field(default_factory=ReadCounts)
    _seen: IdSet = field(default_factory=IdSet)
    _paused_prompts: set[str] = field(default_factory=set)
    _finished_bytes: int = 0
    _current: File | None = None

    @property
    def name(self) -> str:
        """Return the name of the program."""
        return self.format.source

    @property
    def size_bytes(self) -> int:
        """Return the size of all files."""
        return sum(file.size_bytes for file in self.files)

    @property
    def position(self) -> int:
        """Return how many bytes were read."""
        return self._finished_bytes + (0 if self._current is None else self._current.position)

    def memories(self) -> Iterator[TransferredMemory]:
        """Read all files, each message once; unreadable ones are counted."""
        self.counts, self._seen, self._finished_bytes = ReadCounts(), IdSet(), 0
        self._paused_prompts = set()
        for file in self.files:
            self._current = file
            try:
                arguments = (self.selection.date_format,) if self.format.takes_date_format else ()
                for entry in self.format.read(file, *arguments):
                    yield from self._memories_of(entry, file)
            except InvalidInputError as error:
                self.counts.problems.append(error.message)
            except OSError as error:
                self.counts.problems.append(unreadable(file.path, error).message)
            except UnicodeDecodeError:
                self.counts.problems.append(
                    phrase("{file} is not UTF-8: {hint}", file=file.name, hint=as_phrase(TO_UTF8))
                )
            except READ_ERRORS as error:
                self.counts.problems.append(f"{file.name}: {error}")
            self._current = None
            self._finished_bytes += file.size_bytes

    def _memories_of(self, entry: Entry, file: File) -> Iterator[TransferredMemory]:
        if entry.left_out and (entry.left_out not in self.selection.include or not entry.text):
            self.counts.skip(entry.left_out)
            return
        if not all(isinstance(one, str) for one in (entry.key, entry.role, entry.text)):
            self.counts.skip(UNREADABLE)
            return
        text = masked(spoken(entry.text))
        role = _ROLES.get(entry.role)
        if not text or role is None or not entry.key:
            self.counts.skip("empty" if role and entry.key else UNREADABLE)
            return
        said_at = time_of(entry.said_at, self.selection.timezone)
        since = self.selection.since
        if since and (said_at or file.written_at) < since:
            self.counts.skip("older")
            return
        if self.selection.pauses and self._was_paused(entry, said_at or file.written_at):
            self.counts.skip(LEFT_OUT)
            return
        key = _encodable(entry.key)
        first_id = memory_id(self.name, key)
        if not self._seen.add(first_id):
            self.counts.copies += 1
            return
        self.counts.read += 1
        self.counts.repaired += UNSTORABLE.search(entry.text) is not None
        self.counts.undated += said_at is None
        text = as_captured(text) if self.format.of_client else text
        parts = _storable_parts(text)
        self.counts.split += len(parts) > 1
        metadata: dict[str, object] = {"source": self.name, **entry.metadata}
        if self.format.in_projects:
            metadata.setdefault("project", self.name)
        if said_at is None:
            metadata["undated"] = True
        session = entry.session if self.format.keeps_sessions else f"{self.name}:{entry.session}"
        for number, part in enumerate(parts):
            metadata |= part_of(text, number, len(parts))
            yield TransferredMemory(
                self.selection.space_id,
                memory_id(self.name, key, number) if number else first_id,
                _storable(session, limits.MAX_SESSION_ID_CHARS) or self.name,
                Message(
                    role,
                    part,
                    _storable(entry.name or "", limits.MAX_NAME_CHARS) or None,
                    said_at or file.written_at,
                ),
                _bounded_metadata(metadata),
                () if number else self._replaced_by(entry),
            )

    def _was_paused(self, entry: Entry, at: datetime) -> bool:
        """Return whether an entry was said in a pause, or answers a prompt that was."""
        turn = str(entry.metadata.get("turn") or entry.key)
        if turn in self._paused_prompts or is_within(self.selection.pauses, at.timestamp()):
            self._paused_prompts.add(entry.key)
            return True
        return False

    def _replaced_by(self, entry: Entry) -> tuple[UUID, ...]:
        """Return the ids of the memories that an entry replaces, except included branches."""
        if BRANCHES in self.selection.include:
            return ()
        replaces = [(_encodable(key), parts) for key, parts in entry.replaces]
        return tuple(replaced_ids(self.name, replaces))


def _encodable(key: str) -> str:
    return key if key.isascii() else key.encode(errors="replace").decode()


def _storable_parts(text: str) -> list[str]:
    """Split a text so that each part is short enough, also in NFKC."""
    limit = limits.MAX_CONTENT_CHARS
    parts = split_text(text, limit)
    while any(
        normalized_length(part, limits.MAX_CONTENT_CHARS) > limits.MAX_CONTENT_CHARS
        for part in parts
    ):
        limit //= 2
        parts = split_text(text, limit)
    return parts


def _storable(text: str, max_chars: int) -> str:
    if not text.isascii():
        text = UNSTORABLE.sub("\ufffd", text)
    return text.replace("\0", "").strip()[:max_chars]


def _bounded_metadata(metadata: Mapping[str, object]) -> dict[str, object]:
    """Return metadata that can be stored; if it is too large, the longest values are dropped."""
    kept = {
        key: _storable_value(value)
        for key, value in metadata.items()
        if value not in (None, "", [])
    }
    while not _is_small(kept):
        try:
            validate_metadata("metadata", kept)
        except InvalidInputError:
            longest = max(kept, key=lambda key: len(json.dumps(kept[key], default=str)))
            del kept[longest]
        else:
            break
    return kept


def _is_small(metadata: Mapping[str, object]) -> bool:
    """Return whether metadata is certainly small enough: a few short texts."""
    return len(metadata) < _FEW and all(
        isinstance(value, str) and len(value) < _SHORT_CHARS for value in metadata.values()
    )


def _storable_value(value: object) -> object:
    match value:
        case str():
            return UNSTORABLE.sub("\ufffd", value)
        case dict():
            return {
                str(_storable_value(str(key))): _storable_value(inner)
                for key, inner in value.items()
            }
        case list() | tuple():
            return [_storable_value(inner) for inner in value]
        case int() | float() | None:
            return value
    return str(value)
