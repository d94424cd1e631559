"""The memory and the processors for the build of a vector index.

While the graph of an index fits into memory, a vector costs about half a millisecond of processor
time; afterwards six to nine times that, since pages that were evicted have to be read again.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.local.memory import free_memory_bytes, free_shared_memory_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

_MIB = 2**20
_MIN_MIB = 256
_LINKS_BYTES = 900
"""The size of a vector in the graph besides its numbers of two bytes; 800 were measured."""
_SHARE_OF_FREE = 2
"""The divisor of the free memory: a build takes at most half of it."""
_MANY = 50_000
"""Fewer vectors are built within half a minute by one process."""
_CORES_A_PROCESS = 2
_MAX_WORKERS = 3


@dataclass(frozen=True, slots=True)
class Machine:
    """The resources of the machine of the server: bytes of memory, and processors."""

    memory_bytes: int
    shared_bytes: int
    processors: int

    @classmethod
    def here(cls) -> Machine:
        """Return the resources of this machine."""
        return cls(free_memory_bytes(), free_shared_memory_bytes(), os.cpu_count() or 1)


@dataclass(frozen=True, slots=True)
class BuildSettings:
    """The memory of a build in MiB, its additional processes, and the memory the graph needs."""

    memory_mib: int
    workers: int
    wanted_mib: int

    @property
    def fits(self) -> bool:
        """Whether the whole graph fits into the memory."""
        return self.memory_mib >= self.wanted_mib

    def of_server(self) -> Mapping[str, str]:
        """Return them as settings of PostgreSQL."""
        return {
            "maintenance_work_mem": f"{self.memory_mib}MB",
            "max_parallel_maintenance_workers": str(self.workers),
        }


def build_bytes(vectors: int, dimensions: int) -> int:
    """Return roughly how many bytes the graph of so many vectors takes while it is built."""
    return vectors * (2 * dimensions + _LINKS_BYTES)


def build_settings(
    vectors: int, dimensions: int, allowed_bytes: int, machine: Machine | None
) -> BuildSettings:
    """Choose the memory for so many vectors, and the number of processes that build.

    `allowed_bytes` is the setting of the server. More is used only on this `machine`, whose memory
    is known: half of the free memory. On another one, None, a build may use at least 256 MiB, and
    has one process: more would share memory, of which a container has little.
    """
    wanted = -(-build_bytes(vectors, dimensions) // _MIB)
    most = max(_MIN_MIB, allowed_bytes // _MIB)
    workers = 0
    if machine is not None:
        most = max(most, machine.memory_bytes // _SHARE_OF_FREE // _MIB)
        workers = min(machine.processors // _CORES_A_PROCESS - 1, _MAX_WORKERS)
    memory = min(max(wanted, _MIN_MIB), most)
    if machine is None or vectors < _MANY or 2 * memory * _MIB > machine.shared_bytes:
        workers = 0
    return BuildSettings(memory, max(workers, 0), wanted)
