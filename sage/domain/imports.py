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
    """The outcome of the lines of one call."""

    import_id: UUID | None = field(
        metadata=optional("Pass it with the next call of the same import. Absent for a dry run.")
    )
    lines: int = field(
        metadata=doc("The number of lines read, without empty lines and forgotten memories.")
    )
    added: int = field(
        metadata=doc("The number of new memories: stored or, in a dry run, to be stored.")
    )
    there: int = field(
        metadata=doc("The number of memories that were already stored, or forgotten since.")
    )
    differing: int = field(
        default=0,
        metadata=doc("The number of those with a different content, which were left unchanged."),
    )


@dataclass(frozen=True, slots=True)
class ImportRecord(Answer):
    """An import that has memories."""

    import_id: UUID = field(metadata=doc("The id of the import, to continue or to undo it."))
    began_at: datetime = field(metadata=doc("When the first memory of the import was stored, UTC."))
    memories: int = field(
        metadata=doc("The number of memories of the import that are still stored.")
    )
    sources: tuple[str, ...] = field(metadata=doc("The programs that the memories come from."))
    author: str | None = field(
        default=None,
        metadata=optional("The user or token that imported it; absent if no token was used."),
    )


@dataclass(frozen=True, slots=True)
class ImportList(Answer):
    """Imports, newest first."""

    imports: tuple[ImportRecord, ...] = field(
        metadata=doc("The imports, newest first; at most 100.")
    )


@dataclass(frozen=True, slots=True)
class UndoneImport(Answer):
    """The progress of undoing an import."""

    import_id: UUID = field(metadata=doc("The id of the import."))
    undone: int = field(metadata=doc("The number of memories deleted by this call."))
    left: int = field(metadata=doc("The number of memories left; if it is not 0, repeat the call."))


@dataclass(frozen=True, slots=True)
class ImportScope:
    """Whose imports a caller may continue, see and undo in a space.

    They are those of the `author`, or all with `sees_all`.
    """

    space_id: str
    author: str | None = None
    sees_all: bool = False
