"""Reads bodies as streams of blocks or lines, each bounded, in batches.

While a batch is processed no more is read, so that the sender has to wait.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sage.api.json_bounds import find_excess
from sage.api.middleware.body_limit import READ_DEADLINE_S
from sage.domain.imports import MAX_LINE_BYTES
from sage.errors import InvalidInputError
from sage.phrases import phrase
from sage.transfer.importing.sent_lines import SentLine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

BATCH_LINES = 800
BATCH_BYTES = 1_000_000

_EXCESS = {
    "depth": phrase("{field} is nested too deep"),
    "values": phrase("{field} contains too many values"),
    "digits": phrase("{field} contains a number with too many digits"),
}


async def in_time(blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield blocks as they arrive. Raises TimeoutError if none arrives for a while."""
    while True:
        async with asyncio.timeout(READ_DEADLINE_S):
            block = await anext(blocks, None)
        if block is None:
            return
        yield block


async def batches_of(blocks: AsyncIterator[bytes]) -> AsyncIterator[list[SentLine]]:
    """Yield the lines of a body that are not empty.

    Raises InvalidInputError for a line that is too long or cannot be decoded, TimeoutError if
    nothing arrives for a while.
    """
    number, batch, size = 0, list[SentLine](), 0
    async for line in _lines(blocks):
        number += 1
        if not line.strip():
            continue
        batch.append(_bounded(SentLine(number, line)))
        size += len(line)
        if len(batch) >= BATCH_LINES or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


async def _lines(blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    number, rest = 0, b""
    async for block in in_time(blocks):
        *whole, rest = (rest + block).split(b"\n")
        for line in whole:
            number += 1
            yield line
        if len(rest) > MAX_LINE_BYTES:
            raise InvalidInputError(
                f"line {number + 1}",
                phrase("{field} is longer than {most:,} bytes", most=MAX_LINE_BYTES),
                hint="send one memory per line, each followed by a line break",
            )
    if rest:
        yield rest


def _bounded(line: SentLine) -> SentLine:
    if excess := find_excess(line.content):
        raise InvalidInputError(
            f"line {line.number}", _EXCESS[excess], hint="remove whatever is not part of the memory"
        )
    return line
