"""Closing a terminal ends what runs in it."""

from __future__ import annotations

import signal


def end_on_hangup() -> None:
    """Treat SIGHUP as SIGTERM, so that a closed terminal leaves nothing behind.

    A process that is to ignore SIGHUP, as one started with nohup, goes on ignoring it.
    """
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        signal.signal(signal.SIGHUP, _terminate)


def _terminate(_number: int, _frame: object) -> None:
    signal.raise_signal(signal.SIGTERM)
