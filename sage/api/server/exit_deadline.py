"""Ends the process in time, whatever its threads do: their computations cannot be interrupted."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from sage.telemetry.logs import get_logger

_EXIT_S = 9.0
"""Less than the ten seconds after which Docker and Kubernetes kill a process."""

log = get_logger(__name__)


def exit_in_time(drain_s: float = 0.0) -> None:
    """End the process nine seconds after draining; by then everything that can be closed is.

    Acknowledged saves are in the database already.
    """
    threading.Thread(target=_exit, args=(drain_s,), name="sage-exit", daemon=True).start()


def _exit(drain_s: float) -> None:
    time.sleep(drain_s + _EXIT_S)
    others = {threading.current_thread(), threading.main_thread()}
    left = [one.name for one in threading.enumerate() if one not in others and not one.daemon]
    log.warning("ended_with_threads_at_work", threads=left)
    os._exit(0)


class UnawaitedThreads(ThreadPoolExecutor):
    """Threads that are not awaited when the event loop ends."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - as Executor has it
        """Reject more work, and do not wait for running work."""
        super().shutdown(wait=False, cancel_futures=True)
