"""Stop a program when its terminal is closed."""

from __future__ import annotations

import signal


def end_on_hangup() -> None:
    """Treat SIGHUP as SIGTERM, so that a closed terminal leaves nothing running.

    A process that ignores SIGHUP, for example after nohup, continues to ignore it.
    """
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        signal.signal(signal.SIGHUP, _terminate)


def _terminate(_number: int, _frame: object) -> None:
    signal.raise_signal(signal.SIGTERM)
