"""A configuration file of a client, written completely or not at all."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sage.errors import InvalidInputError
from sage.phrases import phrase

_NEW_MODE = 0o600
_MAX_BYTES = 64_000_000


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A file and its text as it was read; None if missing. `path` has links resolved."""

    path: Path
    text: str | None

    @classmethod
    def read(cls, path: Path) -> ConfigFile:
        """Read a file, or the target of a link. Raises InvalidInputError."""
        target = Path(os.path.realpath(path))
        try:
            raw = target.read_bytes()
        except FileNotFoundError:
            return cls(target, None)
        except OSError as error:
            raise _unusable(
                path, phrase("{field} cannot be read: {reason}", reason=error.strerror)
            ) from error
        if len(raw) > _MAX_BYTES:
            raise _unusable(path, "{field} is too large for a configuration file")
        try:
            return cls(target, raw.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise _unusable(
                path, phrase("{field} is not UTF-8 (byte {start:,})", start=error.start)
            ) from None

    def missing_folders(self) -> tuple[str, ...]:
        """Return the folders to create for the file, the innermost first."""
        return tuple(str(one) for one in self.path.parents if not one.exists())

    def write(self, text: str | None) -> None:
        """Write the file, or remove it for None. Raises InvalidInputError if it changed meanwhile.

        Its mode is preserved; a new file is accessible to its owner only.
        """
        try:
            if ConfigFile.read(self.path).text != self.text:
                raise _unusable(self.path, "{field} was changed by another program meanwhile")
            if text is None:
                self.path.unlink()
            else:
                self._replace(text.encode())
        except OSError as error:
            raise _unusable(
                self.path, phrase("{field} cannot be written: {reason}", reason=error.strerror)
            ) from error

    def _replace(self, raw: bytes) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = self.path.with_name(f".{self.path.name}.{os.getpid()}.sage")
        try:
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _NEW_MODE)
            with os.fdopen(descriptor, "wb") as file:
                if self.text is not None:
                    found = self.path.stat()
                    os.fchmod(file.fileno(), stat.S_IMODE(found.st_mode))
                    if os.geteuid() == 0:
                        os.fchown(file.fileno(), found.st_uid, found.st_gid)
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(self.path)
        except BaseException:
            with suppress(OSError):
                aside.unlink()
            raise


def _unusable(path: Path, problem: str) -> InvalidInputError:
    return InvalidInputError(
        str(path), problem, hint="nothing was written to it; correct it and try again"
    )
