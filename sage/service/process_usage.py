"""What the processes of a server use: one process, or the workers and their parent."""

from __future__ import annotations

import os
import resource
from typing import TYPE_CHECKING

import psutil

from sage.telemetry.metrics import catalog

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sage.telemetry.metrics.instruments import ObservedMetric


def process_readings(*, is_worker: bool) -> Mapping[ObservedMetric, float]:
    """Sum up what the processes use, from one worker of several or from the only process.

    One that ends meanwhile is left out.
    """
    own = psutil.Process()
    server = psutil.Process(os.getppid()) if is_worker else own
    processes = [server, *server.children()] if server != own else [own]
    cpu_s = resident_bytes = 0.0
    open_fds = count = 0
    for process in processes:
        try:
            with process.oneshot():
                times = process.cpu_times()
                memory = process.memory_info()
                fds = process.num_fds()
        except psutil.Error:
            continue
        cpu_s += times.user + times.system
        resident_bytes += memory.rss
        open_fds += fds
        count += 1
    return {
        catalog.PROCESSES: count,
        catalog.CPU_SECONDS: cpu_s,
        catalog.RESIDENT_BYTES: resident_bytes,
        catalog.OPEN_FDS: open_fds,
        catalog.MAX_FDS: resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        catalog.START_TIME: server.create_time(),
    }
