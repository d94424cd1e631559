"""Run the programs of PostgreSQL; none outlives the operation that started it."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast

from sage.errors import BackupError
from sage.phrases import phrase, with_arguments

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Mapping, Sequence

BLOCK_BYTES = 1 << 20
_MAX_ERROR_BYTES = 2_000


class Child:
    """A running program, and the end of its error output."""

    def __init__(self, process: Process, name: str) -> None:
        self._process = process
        self._input = cast("StreamWriter", process.stdin)  # used only where `fed`
        self._output = cast("StreamReader", process.stdout)
        self._errors = cast("StreamReader", process.stderr)
        self._name = name
        self._stderr_tail = b""
        self._listener = asyncio.create_task(self._listen())

    async def read(self) -> bytes:
        """Return some of its output, empty at the end."""
        return await self._output.read(BLOCK_BYTES)

    async def read_line(self) -> str:
        """Return a line of its output. Raises BackupError at the end of the output."""
        line = await self._output.readline()
        if not line:
            await self.finish()
            raise self._failure("{name} exited early")
        return line.decode().rstrip("\n")

    async def write(self, content: bytes) -> bool:
        """Send it some input; return whether it still reads."""
        try:
            self._input.write(content)
            await self._input.drain()
        except OSError:
            return False
        return True

    async def end_input(self) -> None:
        """Close its input."""
        with suppress(OSError):
            self._input.close()
            await self._input.wait_closed()

    async def finish(self) -> None:
        """Wait for its end. Raises BackupError if it failed."""
        code = await self._process.wait()
        await self._listener
        if code:
            raise self._failure(phrase("{name} failed with exit code {code}", code=code))

    async def end(self) -> None:
        """Kill it if it is still running."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        self._listener.cancel()

    async def _listen(self) -> None:
        """Collect the end of its standard error."""
        while block := await self._errors.read(BLOCK_BYTES):
            self._stderr_tail = (self._stderr_tail + block)[-_MAX_ERROR_BYTES:]

    def _failure(self, message: str) -> BackupError:
        detail = self._stderr_tail.decode(errors="replace").strip()
        return BackupError(
            with_arguments(message, name=self._name),
            detail=detail,
            hint="nothing was changed",
        )


@asynccontextmanager
async def running(
    command: Sequence[str], environment: Mapping[str, str], *, fed: bool = False
) -> AsyncIterator[Child]:
    """Run a program for the length of a block; with `fed`, its standard input is a pipe.

    Raises BackupError if it cannot be run.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=PIPE if fed else DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            env=dict(environment),
            cwd="/",
            limit=2 * BLOCK_BYTES,
        )
    except OSError as error:
        raise BackupError(
            phrase("{command} could not be run", command=command[0]), detail=str(error)
        ) from error
    child = Child(process, Path(command[0]).name)
    try:
        yield child
    finally:
        await child.end()


async def output_of(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """Run a program to its end and return its output. Raises BackupError if it fails."""
    async with running(command, environment) as child:
        output = b""
        while block := await child.read():
            output += block
        await child.finish()
        return output.decode(errors="replace")
