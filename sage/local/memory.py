"""The memory available on this machine, or in the container that this runs in."""

from __future__ import annotations

from pathlib import Path

import psutil

_CGROUPS = Path("/sys/fs/cgroup")
_LIMITS = ("memory.max", "memory/memory.limit_in_bytes")
_USES = ("memory.current", "memory/memory.usage_in_bytes")
_UNLIMITED_BYTES = 2**60
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - nothing is written there


def memory_limit_bytes(root: Path = _CGROUPS) -> int | None:
    """Return the memory limit of this container (cgroup v2, then v1); None without a limit."""
    limit = _read_first(root, _LIMITS)
    return limit if limit is not None and limit < _UNLIMITED_BYTES else None


def free_memory_bytes(root: Path = _CGROUPS) -> int:
    """Return how much memory can still be allocated without swapping."""
    free = int(psutil.virtual_memory().available)
    limit, used = memory_limit_bytes(root), _read_first(root, _USES)
    if limit is None or used is None:
        return free
    return min(free, max(limit - used, 0))


def free_shared_memory_bytes() -> int:
    """Return the size of shared memory, which is small in containers; 0 if unknown.

    Only Linux reports it.
    """
    if not _SHARED_MEMORY.is_dir():
        return 0
    return int(psutil.disk_usage(str(_SHARED_MEMORY)).free)


def _read_first(root: Path, names: tuple[str, ...]) -> int | None:
    for name in names:
        try:
            text = (root / name).read_text(encoding="ascii").strip()
        except OSError:
            continue
        if text.isdigit():
            return int(text)
    return None
