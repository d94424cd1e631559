"""Measure the latency of hooks, relative to the start of Python."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import httpx

from benchmarks import corpus
from sage.cli.benchmark.server import sage_server
from sage.cli.benchmark.timing import spread_of, timed
from sage.clients.hooks.capture import spool
from sage.clients.hooks.launcher import hook_address, record_server, write_launcher

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sage.cli.benchmark.timing import Call, Spread
    from sage.config.settings import Settings

EVENTS = ("start", "prompt", "stop", "compact", "end")
STATES = ("running", "stopped")
_BARE = [sys.executable, "-I", "-S", "-c", "pass"]
_PYTHON = [sys.executable, "-c", "pass"]
ROUND = len(EVENTS) * len(STATES) + 2
_EXCHANGES = 50
_POLL_S = 0.01


@dataclass(frozen=True, slots=True)
class HookCost:
    """The latency of a hook, and its ratios to both floors."""

    event: str
    sage: str
    took: Spread
    bare_ratio: float
    python_ratio: float


@dataclass(frozen=True, slots=True)
class HookCosts:
    """The latencies of all hooks, and of the floors `python -I -S -c pass` and `python -c pass`."""

    bare: Spread
    python: Spread
    hooks: Sequence[HookCost]


async def measure_hooks(
    settings: Settings, calls: int, progress: Callable[[int], None]
) -> HookCosts:
    """Time each hook with Sage running and stopped, alternately with both floors.

    `settings` must name an empty database. `progress` is called after each call, `calls * ROUND`
    times in total. Raises SageError.
    """
    with TemporaryDirectory() as folder:
        async with sage_server(settings) as server:
            project = Path(folder)
            _save_about(project, server.url)
            hooks = {
                "running": _data_dir(settings.data_dir, server.port),
                "stopped": _data_dir(Path(folder, "stopped"), port=1),
            }
            timings: dict[tuple[str, str], Call] = {("bare", ""): _running(_BARE)}
            timings["python", ""] = _running(_PYTHON)
            for event in EVENTS:
                for sage, data_dir in hooks.items():
                    timings[event, sage] = _hook(data_dir, event, project)
            taken: dict[tuple[str, str], list[float]] = {name: [] for name in timings}
            for number in range(calls):
                for name, call in timings.items():
                    taken[name].append(await timed(call, number))
                    progress(1)
                    for data_dir in hooks.values():
                        await asyncio.to_thread(_wait_until_captured, data_dir)
    spreads = {name: spread_of(times) for name, times in taken.items()}
    bare, python = spreads.pop(("bare", "")), spreads.pop(("python", ""))
    costs = [
        HookCost(
            *name,
            took,
            bare_ratio=round(took.p50_ms / bare.p50_ms, 2),
            python_ratio=round(took.p50_ms / python.p50_ms, 2),
        )
        for name, took in spreads.items()
    ]
    return HookCosts(bare, python, costs)


def _data_dir(path: Path, port: int) -> Path:
    path.mkdir(exist_ok=True)
    write_launcher(path)
    record_server(path, hook_address("127.0.0.1", port))
    return path


def _save_about(project: Path, url: str) -> None:
    for number in range(_EXCHANGES):
        body = {
            "user_prompt": corpus.question(number),
            "assistant_response": corpus.memory(number).content,
            "session_id": f"claude-code:{number // 10}",
            "metadata": {"project": str(project)},
        }
        httpx.post(f"{url}/api/v1/conversations", json=body).raise_for_status()


def _hook(data_dir: Path, event: str, project: Path) -> Call:
    launcher = write_launcher(data_dir)
    command = [str(launcher), event, "--client", "claude-code"]

    async def call(number: int) -> None:
        payload = {"session_id": f"{event}-{number}", "cwd": str(project)}
        payload["prompt"] = corpus.question(number)
        await _running(command, json.dumps(payload).encode())(number)

    return call


def _running(command: Sequence[str], told: bytes = b"") -> Call:
    async def call(_: int) -> None:
        await asyncio.to_thread(
            subprocess.run, command, input=told, stdout=subprocess.DEVNULL, check=True
        )

    return call


def _wait_until_captured(data_dir: Path) -> None:
    """Wait until the captures that hooks have queued are sent."""
    while spool.is_waiting(str(data_dir)):
        time.sleep(_POLL_S)
