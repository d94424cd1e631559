"""Measure the throughput of `sage import`, relative to a COPY of the same rows."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import asyncpg
import psutil

from benchmarks import corpus
from benchmarks.statements import QUERIES
from sage.cli.benchmark.sandbox import dsn_of
from sage.clients.transcripts.turns import memory_id
from sage.domain.memories import DEFAULT_SPACE
from sage.domain.searching import Filters
from sage.errors import StartupError
from sage.retrieval.text.lexemes import query_of
from sage.store.connections.pool import open_database
from sage.store.search import lexical_candidates

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sage.config.settings import Settings

ASKED = 20
_TURNS = 200
_HITS = 10
_POLL_S = 0.02
_TIMEOUT_S = 900.0


@dataclass(frozen=True, slots=True)
class ImportMeasured:
    """The duration of a `sage import` in seconds, including start and end of the program.

    `again_s` is the duration of importing the same file again, `copy_s` that of the COPY.
    `peak_bytes` is the peak memory without workers. `found` counts the messages, of `asked`, that
    are found by keyword right afterwards, before any is embedded.
    """

    messages: int
    file_bytes: int
    seconds: float
    again_s: float
    copy_s: float
    peak_bytes: int
    asked: int
    found: int

    @property
    def per_second(self) -> int:
        """Return the throughput, in messages per second."""
        return round(self.messages / self.seconds)

    @property
    def ratio(self) -> float:
        """Return the throughput relative to that of a plain COPY."""
        return round(self.copy_s / self.seconds, 3)


async def measure_import(
    settings: Settings, messages: int, padding: int, progress: Callable[[int], None]
) -> ImportMeasured:
    """Import a ChatGPT export of generated messages twice, with the command.

    Each conversation has `padding` more characters that are not imported, like tool calls in real
    exports. `settings` must name an empty database (see `sandbox`). `progress` is called with the
    number of messages written, imported and imported again. Raises StartupError if an import fails,
    and StoreError.
    """
    file = settings.data_dir / "conversations.json"
    await asyncio.to_thread(write_export, file, messages, padding)
    progress(messages)
    seconds, peak_bytes = await asyncio.to_thread(_imported, settings, file)
    progress(messages)
    found = await _found(dsn_of(settings), messages)
    again_s, _ = await asyncio.to_thread(_imported, settings, file)
    progress(messages)
    copy_s = await _bare_copy(dsn_of(settings), settings.data_dir / "rows")
    return ImportMeasured(
        messages,
        file.stat().st_size,
        round(seconds, 2),
        round(again_s, 2),
        round(copy_s, 3),
        peak_bytes,
        ASKED,
        found,
    )


def write_export(path: Path, messages: int, padding: int = 0) -> None:
    """Write generated messages as a ChatGPT export, in constant memory."""
    with path.open("w", encoding="utf-8") as file:
        for start in range(0, messages, _TURNS):
            file.write("," if start else "[")
            last = min(start + _TURNS, messages)
            mapping = {str(number): _node(number, start) for number in range(start, last)}
            mapping["tool"] = {"parent": None, "message": _message("tool", "x" * padding)}
            conversation = {"conversation_id": f"c{start}", "title": f"Talk {start}"}
            json.dump(
                conversation | {"current_node": str(last - 1), "mapping": mapping},
                file,
                ensure_ascii=False,
            )
        file.write("]")


def _node(number: int, start: int) -> dict[str, object]:
    said = corpus.memory(number)
    message = _message(said.role.value, said.content)
    message |= {"id": str(number), "create_time": corpus.time_of(number).timestamp()}
    return {"parent": str(number - 1) if number > start else None, "message": message}


def _message(role: str, text: str) -> dict[str, object]:
    return {"author": {"role": role}, "content": {"content_type": "text", "parts": [text]}}


def _imported(settings: Settings, file: Path) -> tuple[float, int]:
    """Run `sage import`; return its duration in seconds and its peak memory in bytes."""
    data_dir = settings.data_dir
    command = (sys.executable, "-m", "sage", "import", file, "--data-dir", data_dir)
    environment = os.environ | {"DATABASE_URL": dsn_of(settings)}
    peak_bytes = 0
    began = time.perf_counter()
    with (data_dir / "output").open("w+b") as output:
        process = psutil.Popen(command, env=environment, stdout=output, stderr=output)
        while process.poll() is None:
            with suppress(psutil.Error):  # the process may have ended
                peak_bytes = max(peak_bytes, process.memory_info().rss)
            time.sleep(_POLL_S)
        seconds = time.perf_counter() - began
        output.seek(0)
        printed = output.read().decode(errors="replace")
    if process.returncode:
        raise StartupError(
            f"the import failed: {printed.strip()}", hint="see the output of the command"
        )
    return seconds, peak_bytes


async def _found(dsn: str, messages: int) -> int:
    """Return how many messages are found by keyword."""
    numbers = [number * messages // ASKED for number in range(ASKED)]
    database = await open_database(dsn, command_timeout_s=_TIMEOUT_S)
    found = 0
    try:
        async with database.in_space(DEFAULT_SPACE) as conn:
            for number in numbers:
                asked = query_of(corpus.memory(number).content).tsquery
                hits = await lexical_candidates(
                    conn,
                    space_id=DEFAULT_SPACE,
                    matching=asked,
                    ranking=asked,
                    filters=Filters(),
                    limit=_HITS,
                )
                found += memory_id("chatgpt", str(number)) in hits.memory_ids
    finally:
        await database.close()
    return found


async def _bare_copy(dsn: str, rows: Path) -> float:
    """Return the duration in seconds of a COPY of all memories into a table without indexes."""
    conn = await asyncpg.connect(dsn, command_timeout=_TIMEOUT_S)
    try:
        await conn.copy_from_query(QUERIES["read_rows"], output=rows, format="binary")
        await conn.execute(QUERIES["make_bare_table"])
        began = time.perf_counter()
        await conn.copy_to_table("bare_memories", source=rows, format="binary")
        return time.perf_counter() - began
    finally:
        await conn.close()
