"""`sage doctor`: examine everything Sage needs, one line each."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sage.bootstrap import open_configured_database
from sage.cli import checks as examinations
from sage.cli.checks import Finding, Mark, good
from sage.cli.failures import FAILED, OK
from sage.cli.running import (
    configuration_of,
    log_as_asked,
    run_until_ended,
)
from sage.errors import ConfigurationError, SageError
from sage.providers.registry import (
    configured_model,
    open_embedder,
    open_reranker,
    reopen_embedder,
)
from sage.service.summarizer import open_summarizer
from sage.store.active_model import find_serving_model
from sage.terminal.output import Style, one_line

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Awaitable, Callable

    from sage.cli.parsing import VerbParser
    from sage.config.settings import Settings
    from sage.domain.embedding import Embedder, EmbeddingModel
    from sage.store.pool import Database
    from sage.terminal.output import Console

_DEADLINE_S = 60.0
_STYLES = {
    Mark.GOOD: Style.GOOD,
    Mark.WARNING: Style.WARN,
    Mark.FAILED: Style.BAD,
}
_OF_THE_MACHINE = {
    "data dir": examinations.examine_data_dir,
    "disk": examinations.examine_disk,
}
_OF_THE_DATABASE = {
    "database": examinations.examine_database,
    "pgvector": examinations.examine_pgvector,
    "schema": examinations.examine_schema,
    "durability": examinations.examine_durability,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was examined."""

    name: str
    finding: Finding
    latency_ms: float


class Examination:
    """Examines one thing after the other and shows each line as it is found."""

    def __init__(self, show: Callable[[Line], None]) -> None:
        self._show = show
        self.lines: list[Line] = []

    @property
    def failed(self) -> bool:
        """Whether anything is not as it must be."""
        return any(line.finding.mark is Mark.FAILED for line in self.lines)

    async def examine(self, name: str, look: Callable[[], Awaitable[Finding]]) -> Mark:
        """Look at one thing for a minute at most; whatever is raised is a failure of that thing."""
        start = time.perf_counter()
        try:
            async with asyncio.timeout(_DEADLINE_S):
                finding = await look()
        except TimeoutError:
            finding = Finding(Mark.FAILED, f"no answer within {_DEADLINE_S:.0f} s")
        except Exception as error:  # noqa: BLE001 - what cannot be examined is not well
            finding = _failure(error)
        self.record(name, finding, (time.perf_counter() - start) * 1000)
        return finding.mark

    def record(self, name: str, finding: Finding, latency_ms: float = 0.0) -> None:
        """Keep what was found and show it."""
        line = Line(name, finding, round(latency_ms, 1))
        self.lines.append(line)
        self._show(line)


def declare(parser: VerbParser) -> None:
    """Declare the form of the answer."""
    parser.describe(doctor, examples=("sage doctor", "sage doctor --json"))
    parser.add_json()


def doctor(args: Namespace, console: Console) -> int:
    """Examine everything; exit 1 when anything failed."""
    read = configuration_of(args)
    examination = Examination(lambda line: None if args.json else _write(line, console))
    for problem in read.problems:
        detail = f"{problem.variable} (from {problem.origin}): {problem.message}"
        mark = Mark.WARNING if problem.warning else Mark.FAILED
        examination.record("config", Finding(mark, detail, problem.hint))
    if not read.problems:
        examination.record("config", good("every value can be used"))
    if read.settings is not None:
        log_as_asked(args, read.settings, quietly=True)
        run_until_ended(_examine_all(examination, read.settings))
    if args.json:
        checks = [_as_json(line) for line in examination.lines]
        console.write_json({"ok": not examination.failed, "checks": checks})
    return FAILED if examination.failed else OK


async def _examine_all(examination: Examination, settings: Settings) -> None:
    for name, look in _OF_THE_MACHINE.items():
        await examination.examine(name, partial(look, settings))
    serving = None
    async with AsyncExitStack() as stack:
        try:
            database = await stack.enter_async_context(open_configured_database(settings))
        except SageError as error:
            examination.record("database", _failure(error))
        else:
            for name, look_into in _OF_THE_DATABASE.items():
                mark = await examination.examine(name, partial(look_into, database))
                if name == "database" and mark is Mark.FAILED:
                    break
                if name == "schema" and mark is Mark.GOOD:
                    serving = await _examine_vectors(examination, database, settings)
    await _examine_models(examination, settings, serving)
    await examination.examine("reranker", partial(_examine_reranker, settings))
    await examination.examine("summary", partial(_examine_summarizer, settings))
    await examination.examine("port", partial(examinations.examine_port, settings))


async def _examine_vectors(
    examination: Examination, database: Database, settings: Settings
) -> EmbeddingModel | None:
    """Look at what is embedded and what waits; give the model that answers, if there is one."""
    wanted = configured_model(settings)
    await examination.examine("vectors", partial(examinations.examine_vectors, database, wanted))
    await examination.examine("queue", partial(examinations.examine_queue, database))
    with suppress(SageError):
        async with database.connection() as conn:
            served = await find_serving_model(conn)
            return None if served is None else served.model
    return None


async def _examine_models(
    examination: Examination, settings: Settings, serving: EmbeddingModel | None
) -> None:
    """Ask the model that answers, and the one that is configured where that is another."""
    configured = None
    try:
        configured = open_embedder(settings)
        examination.record("provider", examinations.name_provider(configured, settings))
    except SageError as error:
        examination.record("provider", _failure(error))
    if serving is not None and (configured is None or configured.model != serving):
        await _examine_model(examination, "model", reopen_embedder(settings, serving))
        if configured is not None:
            await _examine_model(examination, "next model", configured)
    elif configured is not None:
        await _examine_model(examination, "model", configured)


async def _examine_model(examination: Examination, name: str, embedder: Embedder) -> None:
    try:
        await examination.examine(name, partial(examinations.examine_model, embedder))
    finally:
        await embedder.close()


async def _examine_reranker(settings: Settings) -> Finding:
    reranker = open_reranker(settings)
    try:
        return await examinations.examine_reranker(reranker, settings)
    finally:
        if reranker is not None:
            await reranker.close()


async def _examine_summarizer(settings: Settings) -> Finding:
    summarizer = open_summarizer(settings)
    try:
        return await examinations.examine_summarizer(summarizer, settings)
    finally:
        if summarizer is not None:
            await summarizer.close()


def _failure(error: Exception) -> Finding:
    match error:
        case ConfigurationError(problems=(problem, *_)):
            return Finding(Mark.FAILED, f"{problem.variable}: {problem.message}", problem.hint)
        case SageError():
            detail = f"{error.message}: {error.detail}" if error.detail else error.message
            return Finding(Mark.FAILED, detail, error.hint)
        case _:
            return Finding(Mark.FAILED, f"{type(error).__name__}: {error}")


def _as_json(line: Line) -> dict[str, object]:
    return {
        "name": line.name,
        "status": str(line.finding.mark),
        "latency_ms": line.latency_ms,
        "detail": line.finding.detail,
        "hint": line.finding.hint,
    }


def _write(line: Line, console: Console) -> None:
    mark = console.paint(f"{line.finding.mark:<7}", _STYLES[line.finding.mark], Style.BOLD)
    took = console.paint(f"{line.latency_ms:>8,.1f} ms", Style.FAINT)
    hint = f"  {console.paint('fix:', Style.GOOD)} {one_line(line.finding.hint)}"
    console.write(
        f"{mark} {line.name:<10} {took}  {one_line(line.finding.detail)}"
        f"{hint if line.finding.hint else ''}"
    )
    console.flush()
