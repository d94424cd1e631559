"""The file of a backup: a zip of the dump and its manifest.

The manifest has the SHA-256 of the dump, and the zip a CRC of the manifest. The directory of a zip
is at its end, so that a truncated file has none.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, is_zipfile

from sage.errors import BackupError
from sage.operations.backup.child_process import BLOCK_BYTES
from sage.operations.backup.manifest import Part, read_manifest, write_manifest
from sage.phrases import phrase, with_arguments

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sage.operations.backup.manifest import Manifest

DUMP, MANIFEST = "database.dump", "manifest.json"
_LEVEL = 3
_MAX_MANIFEST_BYTES = 16 << 20
_BOUNDED = (ZIP_STORED, ZIP_DEFLATED)
"""Files that are read in blocks of a bounded size, whatever they expand to."""
_DAMAGE = (BadZipFile, EOFError, RuntimeError, ValueError, zlib.error)
_NO_BACKUP = "{path} is not a Sage backup, or is incomplete"


class ArchiveWriter:
    """Writes the file of a backup: the dump block by block, then the manifest."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._zip = ZipFile(file, "w", ZIP_DEFLATED, compresslevel=_LEVEL)
        self._dump = self._zip.open(DUMP, "w", force_zip64=True)
        self._digest = hashlib.sha256()
        self._size_bytes = 0

    def write(self, block: bytes) -> None:
        """Append a block to the dump. Raises OSError."""
        self._digest.update(block)
        self._size_bytes += len(block)
        self._dump.write(block)

    def end_dump(self) -> Part:
        """End the dump and describe it. Raises OSError."""
        self._dump.close()
        return Part(DUMP, self._size_bytes, self._digest.hexdigest())

    def discard(self) -> None:
        """Close the file without finishing it."""
        with suppress(OSError):
            self._dump.close()
        with suppress(OSError):
            self._zip.close()

    def finish(self, manifest: Manifest) -> None:
        """Add the manifest. Raises OSError."""
        self._zip.writestr(MANIFEST, write_manifest(manifest))
        self._zip.close()
        self._file.flush()


class Archive:
    """The file of a backup, opened for reading. Its contents are trusted only after a check."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        self._file = file
        self.path = path
        self.size_bytes = file.seek(0, os.SEEK_END)

    def manifest(self) -> Manifest:
        """Read the manifest. Raises BackupError, also if a newer release wrote it."""
        with self._opened() as parts, parts.open(MANIFEST) as file:
            content = file.read(_MAX_MANIFEST_BYTES + 1)
            if len(content) > _MAX_MANIFEST_BYTES:
                raise self._damaged("its manifest is too long")
            return read_manifest(content)

    def check_dump(self, manifest: Manifest) -> Iterator[int]:
        """Compare the dump with the manifest, reporting the bytes read in between.

        Raises BackupError.
        """
        digest, size_bytes = hashlib.sha256(), 0
        for block in self.dump():
            digest.update(block)
            size_bytes += len(block)
            yield len(block)
        if (Part(DUMP, size_bytes, digest.hexdigest()),) != manifest.parts:
            raise self._damaged(
                phrase("{dump} does not match {manifest}", dump=DUMP, manifest=MANIFEST)
            )

    def dump(self) -> Iterator[bytes]:
        """Yield the dump block by block. Raises BackupError."""
        with self._opened() as parts, parts.open(DUMP) as dump:
            while block := dump.read(BLOCK_BYTES):
                yield block

    @contextmanager
    def _opened(self) -> Iterator[ZipFile]:
        if not is_zipfile(self._file):
            raise self._refused(_NO_BACKUP, "it lacks the central directory of a zip archive")
        try:
            with ZipFile(self._file) as parts:
                if missing := sorted({DUMP, MANIFEST} - set(parts.namelist())):
                    raise self._refused(
                        _NO_BACKUP, phrase("it does not contain {missing}", missing=list(missing))
                    )
                if any(part.compress_type not in _BOUNDED for part in parts.infolist()):
                    raise self._damaged("its compression method is not that of a backup")
                yield parts
        except _DAMAGE as error:
            raise self._damaged(str(error)) from error

    def _damaged(self, detail: str) -> BackupError:
        return self._refused("{path} is damaged", detail)

    def _refused(self, message: str, detail: str) -> BackupError:
        return BackupError(
            with_arguments(message, path=self.path),
            detail=detail,
            hint="copy the file again, or restore another backup",
        )
