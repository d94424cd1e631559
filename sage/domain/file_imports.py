"""Files uploaded for import: counted first, then imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from sage.domain.answer import Answer, doc, optional

if TYPE_CHECKING:
    from collections.abc import Iterable


class FileState(StrEnum):
    """The state of the import of a file."""

    COUNTING = "counting"
    COUNTED = "counted"
    IMPORTING = "importing"
    IMPORTED = "imported"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    REFUSED = "refused"

    @property
    def is_at_work(self) -> bool:
        """Whether the file is being read."""
        return self in {FileState.COUNTING, FileState.IMPORTING}


@dataclass(frozen=True, slots=True)
class FileSource(Answer):
    """The messages of one program in a file, and the outcome of their import."""

    source: str = field(metadata=doc("The identifier of the program, as in imports."))
    files: int = field(
        default=1,
        metadata=doc("The number of files from this program, for example in a zip archive."),
    )
    messages: int = field(default=0, metadata=doc("The number of messages and notes read."))
    added: int = field(
        default=0,
        metadata=doc("The number of new messages: to be imported or, after the import, imported."),
    )
    there: int = field(default=0, metadata=doc("The number of messages that were already stored."))
    copies: int = field(
        default=0, metadata=doc("The number of duplicates within the file, which are skipped.")
    )
    repaired: int = field(
        default=0, metadata=doc("The number of messages in which invalid characters were replaced.")
    )
    split: int = field(
        default=0, metadata=doc("The number of long messages that are stored in several parts.")
    )
    undated: int = field(default=0, metadata=doc("The number of messages without a time."))
    left_out: Mapping[str, int] = field(
        default_factory=dict, metadata=doc("The number of items that are not imported, by reason.")
    )
    problems: tuple[str, ...] = field(
        default=(), metadata=doc("The parts that could not be read completely, and why.")
    )


@dataclass(frozen=True, slots=True)
class FileSample(Answer):
    """The beginning of a message that would be imported."""

    source: str = field(metadata=doc("The program that the message comes from."))
    role: str = field(metadata=doc("The role of the speaker."))
    text: str = field(metadata=doc("The first 200 characters of the message at most."))
    created_at: datetime | None = field(
        default=None, metadata=optional("The time of the message, UTC.")
    )


@dataclass(frozen=True, slots=True)
class FileImport(Answer):
    """An uploaded file, and the outcome of its import so far."""

    import_id: UUID = field(metadata=doc("The id of the uploaded file and of its import."))
    name: str = field(metadata=doc("The name of the file."))
    size_bytes: int = field(metadata=doc("The size of the file in bytes."))
    state: FileState = field(
        metadata=doc(
            "`counting` or `importing`: the file is being read; `counted`: ready to be"
            " imported; `imported`: done; `stopped`: ended by a user; `interrupted`: Sage"
            " stopped or the database failed, start the import again to resume it; `refused`:"
            " the file cannot be read."
        )
    )
    received_at: datetime = field(metadata=doc("When the file was uploaded, UTC."))
    read_bytes: int = field(
        default=0, metadata=doc("The number of bytes read so far, of the unpacked content.")
    )
    total_bytes: int = field(default=0, metadata=doc("The size of the unpacked content in bytes."))
    messages: int = field(default=0, metadata=doc("The number of messages and notes read."))
    added: int = field(
        default=0,
        metadata=doc("The number of new messages: to be imported or, after the import, imported."),
    )
    there: int = field(default=0, metadata=doc("The number of messages that were already stored."))
    left_out: int = field(
        default=0,
        metadata=doc(
            "The number of items that are not imported, such as duplicates and tool calls."
        ),
    )
    sources: tuple[FileSource, ...] = field(
        default=(), metadata=doc("The same counts for each program that wrote part of the file.")
    )
    first_at: datetime | None = field(
        default=None, metadata=optional("The time of the earliest message, UTC.")
    )
    last_at: datetime | None = field(
        default=None, metadata=optional("The time of the latest message, UTC.")
    )
    sample: tuple[FileSample, ...] = field(
        default=(), metadata=doc("A few of the messages to be imported.")
    )
    notes: tuple[str, ...] = field(
        default=(), metadata=doc("Notes about skipped or faulty parts of the file.")
    )
    problem: str | None = field(
        default=None,
        metadata=optional("Why the file was refused or the import could not continue."),
    )
    hint: str | None = field(default=None, metadata=optional("How to fix the problem."))

    @property
    def can_start(self) -> bool:
        """Whether it can be imported now."""
        return self.state in {FileState.COUNTED, FileState.INTERRUPTED}

    def with_sources(self, sources: Iterable[FileSource]) -> FileImport:
        """Return a copy with the outcome of its sources, and their totals."""
        source_list = tuple(sources)
        return replace(
            self,
            sources=source_list,
            messages=sum(one.messages for one in source_list),
            added=sum(one.added for one in source_list),
            there=sum(one.there for one in source_list),
            left_out=sum(one.copies + sum(one.left_out.values()) for one in source_list),
        )


@dataclass(frozen=True, slots=True)
class FileImportList(Answer):
    """The uploaded files of the caller."""

    files: tuple[FileImport, ...] = field(
        metadata=doc("At most one: the latest upload, until an hour after it was read.")
    )
