"""Check the machine: directories, disk and memory, and the user that Sage runs as."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sage.domain.health import MIN_FREE_BYTES, CheckResult
from sage.domain.text.wording import size_text
from sage.local.memory import memory_limit_bytes
from sage.phrases import phrase

if TYPE_CHECKING:
    from sage.operations.checks.context import CheckContext

_MIN_MEMORY_BYTES = 256 * 1024 * 1024
_IMAGE_USER = 10001


async def user(_subject: CheckContext) -> CheckResult:
    """Warn of root."""
    uid = os.geteuid()
    if uid == 0:
        return CheckResult.degraded(
            "Sage runs as root",
            phrase("run the image as its own user, {uid}", uid=_IMAGE_USER),
        )
    return CheckResult.healthy(phrase("uid {uid}", uid=uid))


async def memory(_subject: CheckContext) -> CheckResult:
    """Compare the memory limit of this container with the memory that Sage needs."""
    limit = memory_limit_bytes()
    if limit is None:
        return CheckResult.healthy("no memory limit")
    if limit < _MIN_MEMORY_BYTES:
        return CheckResult.degraded(
            phrase("the memory limit is only {size}", size=size_text(limit)),
            "raise it to 512 MiB: the embedding model alone takes 100",
        )
    return CheckResult.healthy(phrase("{size} of memory", size=size_text(limit)))


async def temporary_folder(_subject: CheckContext) -> CheckResult | None:
    """Check that temporary files can be written."""
    folder = Path("/tmp")  # noqa: S108 - the image's
    if reason := write_failure(folder):
        hint = phrase("mount a volume there that uid {uid} may write to", uid=os.geteuid())
        return CheckResult.degraded(
            phrase("{directory} cannot be written to ({reason})", directory=folder, reason=reason),
            hint,
        )
    return None


async def data_dir(context: CheckContext) -> CheckResult:
    """Check that the data directory is writable, or can be created."""
    if context.settings.database.dsn is not None:
        return CheckResult.healthy("not used: an external database is configured")
    folder = context.settings.data_dir
    try:
        place = _nearest(folder)
    except OSError as error:
        reason = phrase("cannot be a directory ({reason})", reason=error.strerror)
    else:
        reason = _unusable(folder, place)
    if reason:
        hint = "choose a directory that this user can write to, with SAGE_DATA_DIR or --data-dir"
        return CheckResult.unhealthy(reason, hint, "SAGE_DATA_DIR")
    return CheckResult.healthy(str(folder))


async def disk(context: CheckContext) -> CheckResult | None:
    """Measure the free space on the disk of the embedded database."""
    try:
        free = shutil.disk_usage(_nearest(context.settings.data_dir)).free
    except OSError:
        return None  # `data_dir` says so
    if context.settings.database.dsn is None and free < MIN_FREE_BYTES:
        return CheckResult.unhealthy(
            phrase(
                "{size} free at {directory}",
                size=size_text(free),
                directory=context.settings.data_dir,
            ),
            phrase(
                "free some space: PostgreSQL needs {size} to work", size=size_text(MIN_FREE_BYTES)
            ),
            "SAGE_DATA_DIR",
        )
    return CheckResult.healthy(phrase("{size} free", size=size_text(free)))


def _unusable(folder: Path, place: Path) -> str:
    """Return why `folder` is unusable, with its existing ancestor `place`; else empty."""
    if not place.is_dir():
        return phrase("{place} is a file, not a directory", place=place)
    if place == folder:
        reason = write_failure(folder)
        return (
            phrase("{directory} cannot be written to ({reason})", directory=folder, reason=reason)
            if reason
            else ""
        )
    if not os.access(place, os.W_OK | os.X_OK):
        return phrase(
            "{directory} cannot be created: {place} is not writable", directory=folder, place=place
        )
    return ""


def write_failure(folder: Path, size_bytes: int = 0) -> str:
    """Return why a file of that size cannot be written to a directory, empty if it can."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(size_bytes))
            file.flush()
        status = os.statvfs(folder)
    except OSError as error:
        return error.strerror or phrase("not allowed")
    if status.f_bavail * status.f_frsize < size_bytes:  # root may write into what is reserved
        return os.strerror(errno.ENOSPC)
    return ""


def _nearest(folder: Path) -> Path:
    """Return the directory, else its nearest existing ancestor. Raises OSError."""
    return next(place for place in (folder, *folder.parents) if _exists(place))


def _exists(place: Path) -> bool:
    try:
        return place.exists()
    except PermissionError:
        return False
