"""`sage stats`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.api.answer_json import to_json_object
from sage.cli.failures import OK
from sage.cli.open_services import settings_of
from sage.cli.space_option import add_space, in_space
from sage.domain.local_time import local_time_text
from sage.hooks.liveness import read_captures
from sage.terminal.console import Style
from sage.terminal.text import counted, size_text

if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import datetime

    from sage.bootstrap import Services
    from sage.cli.parsing import VerbParser
    from sage.domain.memories import MemoryStats
    from sage.terminal.console import Console


def declare(parser: VerbParser) -> None:
    """Declare the form of the answer."""
    parser.describe(stats, examples=("sage stats", "sage stats --json"))
    add_space(parser)
    parser.add_json()


def stats(args: Namespace, console: Console) -> int:
    """Print what is kept and how much room it takes."""

    async def look(services: Services, space_id: str) -> tuple[MemoryStats, str]:
        return await services.memory.stats(space_id), services.model.advice

    settings = settings_of(args)
    captures = read_captures(settings.data_dir)
    counts, advice = in_space(args, look, settings)
    if args.json:
        console.write_json(to_json_object(counts))
        return OK

    def told(when: datetime | None) -> str:
        return "none" if when is None else local_time_text(when, settings.timezone)

    rows = {
        "memories": f"{counts.memories:,}",
        "sessions": f"{counts.sessions:,}",
        "first": told(counts.first_at),
        "last": told(counts.last_at),
        "storage": size_text(counts.storage_bytes),
        "model": counts.embedding_model,
        "queue": f"{counts.queue.pending:,} pending, {counts.queue.failed:,} failed",
    }
    for name, value in rows.items():
        console.write((f"{name:<9}", Style.NAME), f" {value}", hang=10)
    for client, capture in captures.clients.items():
        kept = f" nothing from {client} yet"
        if capture.captured:
            messages = counted(capture.captured, "message", "messages")
            kept = f" {messages} from {client}, last: {told(capture.last_capture)}"
        console.write((f"{'captured':<9}", Style.NAME), kept, hang=10)
        console.write(f"{'':<10}hooks called: {capture.calls_text}", hang=10)
        if capture.failing:
            console.write(" " * 10, ("failing: ", Style.BAD), capture.failing_text, hang=10)
    if advice:
        console.note(advice)
    return OK
