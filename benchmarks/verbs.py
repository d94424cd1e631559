"""Measure the processor time of verbs next to a running server, relative to Python's start."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.cli.benchmark.sandbox import dsn_of
from sage.cli.benchmark.timing import spread_of
from sage.errors import StartupError
from sage.local.http_probe import ask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sage.cli.benchmark.timing import Spread
    from sage.config.settings import Settings

VERBS: tuple[tuple[str, ...], ...] = (
    ("list",),
    ("search", "herons"),
    ("save", "Where do herons nest?", "By the mill."),
    ("stats",),
    ("sessions",),
    ("show", "herons"),
    ("context", "herons"),
    ("forget", "--session", "nothing", "--yes"),
    ("version",),
    ("list", "--no-such-option"),
)
ROUND = len(VERBS) + 1
_FLOOR = (sys.executable, "-c", "import json")
_START_WAIT_S = 120.0
_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class VerbCost:
    """The processor time of a verb in milliseconds, and its ratio to the floor."""

    verb: str
    took: Spread
    ratio: float


@dataclass(frozen=True, slots=True)
class VerbCosts:
    """The costs of all verbs, and the floor: `python -c "import json"`."""

    floor: Spread
    verbs: Sequence[VerbCost]


async def measure_verbs(
    settings: Settings, calls: int, progress: Callable[[int], None]
) -> VerbCosts:
    """Run each verb next to a server with these settings, alternately with the floor.

    `progress` is called after each run, `calls * ROUND` times in total. Raises StartupError.
    """
    environ = os.environ | {"DATABASE_URL": dsn_of(settings)}
    common = ("--data-dir", str(settings.data_dir))
    sage = (sys.executable, "-m", "sage")
    with _serving((*sage, "serve", *common), environ):
        _cpu_ms((*sage, "save", "Where?", "By the mill.", "--session", "herons", *common), environ)
        commands = [_FLOOR, *((*sage, *verb, *common) for verb in VERBS)]
        taken: list[list[float]] = [[] for _ in commands]
        for _ in range(calls):
            for command, times in zip(commands, taken, strict=True):
                times.append(_cpu_ms(command, environ))
                progress(1)
    floor, *spreads = map(spread_of, taken)
    return VerbCosts(
        floor,
        [
            VerbCost(" ".join(verb), took, round(took.p50_ms / floor.p50_ms, 1))
            for verb, took in zip(VERBS, spreads, strict=True)
        ],
    )


def _cpu_ms(command: Sequence[str], environ: dict[str, str]) -> float:
    """Return the processor time of a command in milliseconds, user and system."""
    before = os.times()
    subprocess.run(command, env=environ, capture_output=True, check=False)  # noqa: S603 - our own
    after = os.times()
    used_s = after.children_user + after.children_system
    return (used_s - before.children_user - before.children_system) * 1000


@contextmanager
def _serving(command: Sequence[str], environ: dict[str, str]) -> Iterator[None]:
    """Run a server until the block ends. Raises StartupError."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    server = subprocess.Popen(  # noqa: S603 - our own program
        (*command, "--port", port),
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + _START_WAIT_S
        while ask("127.0.0.1", port, "/health/readiness") is not None:
            if server.poll() is not None or time.monotonic() > deadline:
                raise StartupError("the server did not start", hint="run `sage serve` to see why")
            time.sleep(_POLL_S)
        yield
    finally:
        server.terminate()
        server.wait()
