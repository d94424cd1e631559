"""The files of an import: on disk, in folders, and inside zips, which are read in place."""

from __future__ import annotations

import weakref
import zipfile
import zlib
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO, cast

from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_SUFFIXES = frozenset(
    (
        *(".json", ".jsonl", ".md", ".txt", ".xml", ".html", ".csv", ".sql", ".pb"),
        *(".db", ".sqlite", ".sqlite3", ".vscdb", ".zip", ".bak"),
    )
)
_PASSED_OVER = frozenset({".git", ".venv", "node_modules", "__pycache__"})
_BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
_MAX_RATIO = 200
_RATIO_FROM_BYTES = 10_000_000


@dataclass(slots=True)
class File:
    """One file to read, maybe a member of a zip. `folder` is the given one, if any."""

    path: Path
    folder: Path | None = None
    member: str = ""
    size_bytes: int = 0
    _archive: zipfile.ZipFile | None = None
    _stream: BinaryIO | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """Return the name shown to people."""
        return f"{self.path}: {self.member}" if self.member else str(self.path)

    @property
    def relative_name(self) -> str:
        """Return its path below the given folder, which does not depend on where that is."""
        if self.member:
            return self.member
        return (self.path.relative_to(self.folder) if self.folder else self.path.name).__str__()

    @property
    def suffix(self) -> str:
        """Return the suffix of its name, in lower case."""
        return f".{(self.member or self.path.name).rpartition('.')[2].lower()}"

    @property
    def may_hold_memories(self) -> bool:
        """Return whether to open it, by its name; always for one that was given by itself."""
        return not (self.folder or self.member) or self.suffix in _SUFFIXES

    @property
    def written_at(self) -> datetime:
        """Return when it was last written. Raises OSError."""
        return datetime.fromtimestamp(self.path.stat().st_mtime, UTC)

    @property
    def position(self) -> int:
        """Return how many bytes of it were read; all once it is closed."""
        return self.size_bytes if self._stream is None else self._stream.tell()

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open it for reading. Raises OSError, InvalidInputError for an invalid zip."""
        try:
            with self._opened() as stream:
                self._stream = stream
                yield stream
        except _BROKEN_ZIP as error:
            raise InvalidInputError(
                self.name,
                phrase("{field} cannot be read: {reason}", reason=error),
                hint="export it again",
            ) from None
        finally:
            self._stream = None

    def _opened(self) -> BinaryIO:
        if self._archive is None:
            return self.path.open("rb")
        return cast("BinaryIO", self._archive.open(self.member))


def files_at(paths: Iterable[Path]) -> Iterator[File | InvalidInputError]:
    """Yield the files at some paths, without links in folders, and errors of unreadable ones.

    Raises OSError, InvalidInputError for a path itself.
    """
    for path in paths:
        if path.is_dir():
            yield from files_among(sorted(path.rglob("*")), path)
        else:
            yield from _unpacked(path, None)


def files_among(
    paths: Iterable[Path], folder: Path | None = None
) -> Iterator[File | InvalidInputError]:
    """Yield the files among the paths, and the errors of those that cannot be read.

    `folder` is the one in which they were found; links that lead out of it are not followed.
    """
    for path in paths:
        inner = path.relative_to(folder) if folder else path
        if not _PASSED_OVER.isdisjoint(inner.parts):
            continue
        try:
            if path.is_file() and not (folder and _is_linked(path, folder)):
                one = File(path, folder)
                yield from [*_unpacked(path, folder)] if one.may_hold_memories else [one]
        except OSError as error:
            yield unreadable(path, error)
        except InvalidInputError as error:
            yield error


def unreadable(path: Path, error: OSError) -> InvalidInputError:
    """Return the error for a file that cannot be read."""
    return InvalidInputError(
        str(path),
        phrase("{field} cannot be read: {reason}", reason=error.strerror),
        hint="check its permissions",
    )


def _is_linked(path: Path, folder: Path) -> bool:
    while path != folder:
        if path.is_symlink():
            return True
        path = path.parent
    return False


def _unpacked(path: Path, folder: Path | None) -> Iterator[File]:
    with path.open("rb") as file:
        is_zip = file.read(4) == b"PK\x03\x04"
    if not is_zip:
        yield File(path, folder, size_bytes=path.stat().st_size)
        return
    with ExitStack() as opened:
        stream = opened.enter_context(path.open("rb"))
        try:
            archive = zipfile.ZipFile(stream)
        except _BROKEN_ZIP as error:
            raise InvalidInputError(
                str(path),
                phrase("{field} is a damaged zip archive: {reason}", reason=error),
                hint="download it again",
            ) from None
        # Its members are read later: it is closed when nobody refers to any of them any more.
        weakref.finalize(archive, opened.pop_all().close)
    for member in archive.infolist():
        one = File(path, folder, member.filename, member.file_size, archive)
        if not one.may_hold_memories:
            if not member.is_dir():
                yield one
            continue
        if member.flag_bits & 1:
            raise InvalidInputError(
                str(path), "{field} is encrypted", hint="unpack it and pass the directory"
            )
        if member.file_size > _RATIO_FROM_BYTES + _MAX_RATIO * member.compress_size:
            raise InvalidInputError(
                f"{path}: {member.filename}",
                phrase(
                    "{field}: unpacks to {size:,} bytes, too large for an export",
                    size=member.file_size,
                ),
                hint="unpack it and pass the file, if you trust it",
            )
        yield one
