"""Run a measurement in a temporary database, with a progress bar."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sage.cli.benchmark.sandbox import sandbox
from sage.cli.terminal.progress import Progress
from sage.local.signals import run_until_ended

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sage.cli.terminal.console import Console
    from sage.config.settings import Settings

Measured = TypeVar("Measured")


def measure_in_sandbox(
    settings: Settings,
    console: Console,
    name: str,
    steps: int,
    measure: Callable[[Settings, Callable[[int], None]], Awaitable[Measured]],
) -> Measured:
    """Run a measurement in a sandbox, with a progress bar of `steps`. Raises SageError."""

    async def run() -> Measured:
        with Progress(console, name, steps) as progress:
            async with sandbox(settings) as place:
                return await measure(place, progress.advance)

    return run_until_ended(run())
