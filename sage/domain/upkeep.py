"""The state of backups and of the change to another embedding model."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sage.domain.answer import Answer, doc


class BackupKind(StrEnum):
    """Why a backup was made."""

    USUAL = "usual"
    BEFORE_UPGRADE = "before_upgrade"


@dataclass(frozen=True, slots=True)
class BackupFile(Answer):
    """A file in the backup directory whose name is that of a backup."""

    name: str = field(metadata=doc("The name of the file."))
    made_at: datetime = field(
        metadata=doc("When the backup was made, according to the name of the file, UTC.")
    )
    size_bytes: int = field(metadata=doc("The size of the file in bytes."))
    kind: BackupKind = field(
        metadata=doc(
            "`usual`, or `before_upgrade` if it was made before a migration of the schema."
        )
    )


@dataclass(frozen=True, slots=True)
class Backups(Answer):
    """The backups of this Sage, and when the next one is due."""

    last_at: datetime | None = field(
        metadata=doc(
            "When the newest verified backup was made, at any destination, UTC; null if never."
        )
    )
    schedule: str | None = field(
        metadata=doc("The configured schedule of backups; null if there is none.")
    )
    due_at: datetime | None = field(
        metadata=doc(
            "When the next backup is due, UTC; null if none is scheduled or it is due now."
        )
    )
    keep: int = field(metadata=doc("The number of usual backups that are kept."))
    backups: tuple[BackupFile, ...] = field(
        metadata=doc("The backups in the backup directory, newest first.")
    )


@dataclass(frozen=True, slots=True)
class NamedModel(Answer):
    """An embedding model."""

    provider: str = field(metadata=doc("The provider of the model."))
    name: str = field(metadata=doc("The name of the model."))
    dimensions: int = field(metadata=doc("The number of dimensions of its vectors."))


@dataclass(frozen=True, slots=True)
class Reembedding(Answer):
    """The change of the vectors to another model, planned or running."""

    active: NamedModel = field(metadata=doc("The model that searches use."))
    to: NamedModel | None = field(
        metadata=doc(
            "The model that is configured or being changed to; null if it is the active one."
        )
    )
    begun: bool = field(metadata=doc("Whether `sage reembed` has begun the change."))
    done: int = field(
        metadata=doc(
            "The number of memories with vectors of the new model; 0 before the change begins."
        )
    )
    left: int = field(
        metadata=doc("The number of memories without such vectors; 0 before the change begins.")
    )
    counted_at: datetime | None = field(
        metadata=doc(
            "When these were counted, UTC, at most a minute ago; null if they were not counted."
        )
    )
