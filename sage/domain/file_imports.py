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
    """How far a file has come."""

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
    """What one program wrote of a file, and what became of it."""

    source: str = field(metadata=doc("The program, by the name that imports have for it."))
    files: int = field(default=1, metadata=doc("How many files of it there are, as in a zip."))
    messages: int = field(default=0, metadata=doc("Messages and notes that were read."))
    added: int = field(default=0, metadata=doc("Those that are new: to be kept, or kept by now."))
    there: int = field(default=0, metadata=doc("Those that were there already."))
    copies: int = field(default=0, metadata=doc("Repetitions within the file, passed over."))
    repaired: int = field(default=0, metadata=doc("Those with characters that were replaced."))
    split: int = field(default=0, metadata=doc("Those kept in several parts: they are long."))
    undated: int = field(default=0, metadata=doc("Those that tell no time."))
    left_out: Mapping[str, int] = field(
        default_factory=dict, metadata=doc("What is not imported, by the reason.")
    )
    problems: tuple[str, ...] = field(
        default=(), metadata=doc("What could not be read to its end, and why.")
    )


@dataclass(frozen=True, slots=True)
class FileSample(Answer):
    """The beginning of a message that would be kept."""

    source: str = field(metadata=doc("The program that it comes from."))
    role: str = field(metadata=doc("Who said it."))
    text: str = field(metadata=doc("At most 200 characters of it."))
    created_at: datetime | None = field(default=None, metadata=optional("When it was said, UTC."))


@dataclass(frozen=True, slots=True)
class FileImport(Answer):
    """A file that was handed in, and what became of it so far."""

    import_id: UUID = field(metadata=doc("Names the file, and the import that is made of it."))
    name: str = field(metadata=doc("The name of the file."))
    size_bytes: int = field(metadata=doc("Its length."))
    state: FileState = field(
        metadata=doc(
            "`counting` and `importing` while it is read; `counted` when it can be imported;"
            " `imported` when that is done; `stopped` when somebody ended it; `interrupted` when"
            " Sage stopped or the database failed meanwhile: begin it again, and it goes on;"
            " `refused` when it cannot be read."
        )
    )
    received_at: datetime = field(metadata=doc("When it was handed in, UTC."))
    read_bytes: int = field(default=0, metadata=doc("How much of what is in it was read."))
    total_bytes: int = field(default=0, metadata=doc("How much is in it, unpacked."))
    messages: int = field(default=0, metadata=doc("Messages and notes that were read."))
    added: int = field(default=0, metadata=doc("Those that are new: to be kept, or kept by now."))
    there: int = field(default=0, metadata=doc("Those that were there already."))
    left_out: int = field(
        default=0, metadata=doc("What is not imported, such as copies and calls of tools.")
    )
    sources: tuple[FileSource, ...] = field(
        default=(), metadata=doc("The same for each program that wrote something of it.")
    )
    first_at: datetime | None = field(
        default=None, metadata=optional("When the first message was said, UTC.")
    )
    last_at: datetime | None = field(
        default=None, metadata=optional("When the last message was said, UTC.")
    )
    sample: tuple[FileSample, ...] = field(
        default=(), metadata=doc("A few of the messages that would be kept.")
    )
    notes: tuple[str, ...] = field(
        default=(), metadata=doc("What in it was passed over, or is wrong with it.")
    )
    problem: str | None = field(
        default=None, metadata=optional("Why it was refused, or could not go on.")
    )
    hint: str | None = field(default=None, metadata=optional("What to do then."))

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
    """The files of the caller."""

    files: tuple[FileImport, ...] = field(
        metadata=doc("At most one: the last that was handed in, for an hour after it was read.")
    )
