"""Imports: memories that were added together from elsewhere, and can be removed together."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sage.domain.answer import Answer, doc, optional

MAX_LINE_BYTES = 2_000_000
MAX_LISTED = 100


@dataclass(frozen=True, slots=True)
class ImportReceipt(Answer):
    """What became of the lines of one call."""

    import_id: UUID | None = field(
        metadata=optional("Pass it with the next call of the same import. None for a dry run.")
    )
    lines: int = field(metadata=doc("Lines that were read, but for empty and forgotten ones."))
    added: int = field(metadata=doc("Memories that are new: kept, or to be kept in a dry run."))
    there: int = field(metadata=doc("Memories that were there already, or were forgotten since."))
    differing: int = field(
        default=0, metadata=doc("Those of them that say something else, and stayed as they were.")
    )


@dataclass(frozen=True, slots=True)
class ImportRecord(Answer):
    """An import of which memories are there."""

    import_id: UUID = field(metadata=doc("Names it, to go on with it or to undo it."))
    began_at: datetime = field(metadata=doc("When its first memory was kept, UTC."))
    memories: int = field(metadata=doc("How many of its memories are there."))
    sources: tuple[str, ...] = field(metadata=doc("The programs that they come from."))
    author: str | None = field(
        default=None, metadata=optional("Whose token brought it, where one was shown.")
    )


@dataclass(frozen=True, slots=True)
class ImportList(Answer):
    """Imports, the latest first."""

    imports: tuple[ImportRecord, ...] = field(metadata=doc("At most a hundred."))


@dataclass(frozen=True, slots=True)
class UndoneImport(Answer):
    """What was deleted of an import."""

    import_id: UUID = field(metadata=doc("The import."))
    undone: int = field(metadata=doc("How many memories this call deleted."))
    left: int = field(metadata=doc("How many are left: above 0, repeat the call."))


@dataclass(frozen=True, slots=True)
class ImportScope:
    """Whose imports a caller may continue, see and undo in a space.

    They are those of the `author`, or all with `sees_all`.
    """

    space_id: str
    author: str | None = None
    sees_all: bool = False
