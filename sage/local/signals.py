"""Orderly termination of a program by Ctrl-C or SIGTERM."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, TypeVar

from sage.local.signal_codes import INTERRUPTED, TERMINATED

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from types import FrameType

Result = TypeVar("Result")


def run_until_ended(work: Coroutine[None, None, Result]) -> Result:
    """Run to the end; SIGTERM and Ctrl-C cancel the work, and everything open is closed.

    Raises SystemExit with 143 after SIGTERM, with 130 after Ctrl-C.
    """
    codes: list[int] = []

    async def run() -> Result:
        loop = asyncio.get_running_loop()
        task = loop.create_task(work)

        def give_up(code: int) -> None:
            codes.append(code)
            loop.set_exception_handler(forget_failure)
            task.cancel()

        for number, code in ((signal.SIGTERM, TERMINATED), (signal.SIGINT, INTERRUPTED)):
            loop.add_signal_handler(number, give_up, code)
        return await task

    try:
        return asyncio.run(run())
    except asyncio.CancelledError as cancelled:
        if not codes:
            raise RuntimeError("the work gave itself up") from cancelled
        raise SystemExit(codes[-1]) from None


def forget_failure(_loop: asyncio.AbstractEventLoop, _context: object) -> None:
    """Ignore failures caused by cancelling the work; a handler of the event loop."""


def leave_on_sigterm(code: int) -> None:
    """Exit with `code` on SIGTERM."""

    def leave(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(code)

    signal.signal(signal.SIGTERM, leave)
