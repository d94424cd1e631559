"""The record of the last upgrade of a data directory: the previous release, and the backup."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sage.clients.data_dir.files import open_file, read_file
from sage.errors import SageError
from sage.phrases import numbered, phrase

if TYPE_CHECKING:
    from pathlib import Path

_NAME = "upgrade.json"
_MAX_BYTES = 16_384


@dataclass(frozen=True, slots=True)
class UpgradeRecord:
    """The new release, the Unix time in seconds, and the previous release, empty if unknown.

    `migrations` upgraded a database from one version of the schema to another. `backup` is the file
    that was made before, or empty; `no_backup` is why there is none.
    """

    release: str
    at: float
    before: str = ""
    migrations: int = 0
    schema_before: int = 0
    schema_after: int = 0
    backup: str = ""
    no_backup: str = ""

    @property
    def text(self) -> str:
        """Return both releases and the upgrade between them as text; empty for a first start."""
        if not self.migrations and not self.before:
            return ""
        before = self.before or phrase("an earlier release")
        if not self.migrations:
            return phrase(
                "{before} -> {release}, no migrations", before=before, release=self.release
            )
        return numbered(
            "{before} -> {release}, {count} migration (schema {schema_before} -> {schema_after})",
            "{before} -> {release}, {count} migrations (schema {schema_before} -> {schema_after})",
            count=self.migrations,
            before=before,
            release=self.release,
            schema_before=self.schema_before,
            schema_after=self.schema_after,
        )


def read_upgrade(data_dir: Path) -> UpgradeRecord | None:
    """Return the last record; None if there is none, or it is unreadable."""
    with suppress(OSError, SageError, ValueError, TypeError):
        return UpgradeRecord(**json.loads(read_file(data_dir / _NAME, _MAX_BYTES)))
    return None


def write_upgrade(data_dir: Path, record: UpgradeRecord) -> None:
    """Write a record, or nothing to a read-only directory: nothing depends on it."""
    with suppress(OSError, SageError):
        place = open_file(data_dir / _NAME, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        with os.fdopen(place, "w", encoding="utf-8") as file:
            json.dump(asdict(record), file)
