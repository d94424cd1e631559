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
    """A file in the folder for backups that is named as one."""

    name: str = field(metadata=doc("The name of the file."))
    made_at: datetime = field(metadata=doc("When it was made, by its name, UTC."))
    size_bytes: int = field(metadata=doc("How large it is."))
    kind: BackupKind = field(metadata=doc("`before_upgrade`: made before a schema was migrated."))


@dataclass(frozen=True, slots=True)
class Backups(Answer):
    """The backups of a Sage, and when the next one is due."""

    last_at: datetime | None = field(
        metadata=doc("When the newest was made and verified, wherever it went; null for never.")
    )
    schedule: str | None = field(
        metadata=doc("When backups are made, as it is set; null for never.")
    )
    due_at: datetime | None = field(
        metadata=doc("When the next one is due, UTC; null where none is scheduled, or at once.")
    )
    keep: int = field(metadata=doc("How many of the usual ones stay."))
    backups: tuple[BackupFile, ...] = field(metadata=doc("Those in the folder, newest first."))


@dataclass(frozen=True, slots=True)
class NamedModel(Answer):
    """An embedding model."""

    provider: str = field(metadata=doc("Who runs it."))
    name: str = field(metadata=doc("What it is called."))
    dimensions: int = field(metadata=doc("How many numbers a vector of it has."))


@dataclass(frozen=True, slots=True)
class Reembedding(Answer):
    """The move of the vectors to another model, where one is to be made or under way."""

    active: NamedModel = field(metadata=doc("The model that answers."))
    to: NamedModel | None = field(
        metadata=doc("The model that is configured or being moved to; null: none but the active.")
    )
    begun: bool = field(metadata=doc("Whether `sage reembed` has begun to move to it."))
    done: int = field(metadata=doc("How many memories have vectors of it; 0 before that begins."))
    left: int = field(metadata=doc("How many lack them; 0 where no move has begun."))
    counted_at: datetime | None = field(
        metadata=doc("When that was counted, at most a minute ago, UTC; null where it was not.")
    )
