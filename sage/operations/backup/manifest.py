"""The manifest of a backup: its origin, and the contents expected after a restore."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - pydantic reads the annotations when Sage runs

from pydantic import TypeAdapter, ValidationError

from sage import __version__
from sage.errors import BackupError
from sage.operations.backup.sampled_answers import SampledAnswer, SampledAnswers
from sage.phrases import phrase
from sage.store.migrate import newest_version

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Origin:
    """The database that was backed up.

    `database_since` is when Sage first stored something in it; it identifies a database, and a
    restored one has that of its origin. `pgvector_schema` is the schema of the extension.
    """

    schema_version: int
    database_since: datetime
    postgres: str
    pgvector: str
    pgvector_schema: str


@dataclass(frozen=True, slots=True)
class TableDigest:
    """The contents of a table: `checksum` does not depend on the order of its rows.

    `size_bytes` is the length of its rows written as text.
    """

    name: str
    rows: int
    size_bytes: int
    checksum: str


@dataclass(frozen=True, slots=True)
class Contents:
    """The contents of the tables, and the results of a sample of searches: see `SampledAnswers`."""

    tables: tuple[TableDigest, ...]
    search: str
    answers: tuple[SampledAnswer, ...]

    @property
    def sample(self) -> SampledAnswers:
        """Return the results of the searches, for comparison."""
        return SampledAnswers(self.search, self.answers)

    @property
    def rows(self) -> int:
        """Return the number of rows of all tables."""
        return sum(table.rows for table in self.tables)

    @property
    def size_bytes(self) -> int:
        """Return the length of all rows written as text."""
        return sum(table.size_bytes for table in self.tables)

    def rows_of(self, name: str) -> int:
        """Return the number of rows of a table, 0 if it does not exist."""
        return next((table.rows for table in self.tables if table.name == name), 0)


@dataclass(frozen=True, slots=True)
class Part:
    """A file inside the backup."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The whole manifest. `tools` is the version of the pg_dump that wrote the dump."""

    format: int
    sage: str
    created_at: datetime
    tools: str
    origin: Origin
    contents: Contents
    parts: tuple[Part, ...]

    @property
    def dump_bytes(self) -> int:
        """Return the size of the dump before it was compressed."""
        return sum(part.size_bytes for part in self.parts)


@dataclass(frozen=True, slots=True)
class _Versioned:
    """The fields of the manifest of every release."""

    format: int


_FORMAT = TypeAdapter(_Versioned)
_MANIFEST = TypeAdapter(Manifest)
_ORIGIN = TypeAdapter(Origin)
_TABLE = TypeAdapter(TableDigest)


def write_manifest(manifest: Manifest) -> bytes:
    """Return a manifest as JSON."""
    return _MANIFEST.dump_json(manifest, indent=2) + b"\n"


def read_manifest(content: bytes) -> Manifest:
    """Parse a manifest. Raises BackupError if it is damaged, or a newer release wrote it."""
    try:
        written_as = _FORMAT.validate_json(content).format
        if written_as > FORMAT:
            raise _newer(
                phrase(
                    "it has format {number}, this release supports {format}",
                    number=written_as,
                    format=FORMAT,
                )
            )
        manifest = _MANIFEST.validate_json(content)
    except ValidationError as error:
        raise _damaged(error) from error
    known = newest_version()
    if manifest.origin.schema_version > known:
        version = manifest.origin.schema_version
        raise _newer(
            phrase(
                "its schema has version {version}, this release supports {known}",
                version=version,
                known=known,
            )
        )
    return manifest


def read_origin(text: str) -> Origin:
    """Parse the origin as the database reports it."""
    return _ORIGIN.validate_json(text)


def read_table(text: str) -> TableDigest:
    """Parse the digest of a table as the database reports it."""
    return _TABLE.validate_json(text)


def _damaged(error: ValidationError) -> BackupError:
    first = error.errors()[0]
    place = "".join(f"{part}: " for part in first["loc"])
    return BackupError(
        "the backup is damaged, or was not made by Sage",
        detail=phrase(
            "its manifest is not valid: {place}{problem}", place=place, problem=first["msg"]
        ),
        hint="copy the file again, or restore another backup",
    )


def _newer(detail: str) -> BackupError:
    return BackupError(
        "the backup was made by a newer release of Sage",
        detail=phrase("{detail}; this is Sage {version}", detail=detail, version=__version__),
        hint="install the release that made it, or a newer one, and restore with that",
    )
