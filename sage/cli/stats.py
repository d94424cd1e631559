"""`sage stats`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.failures import OK
from sage.cli.memories import AskedMemories
from sage.cli.options import JSON, SPACE
from sage.cli.terminal.console import Style, styled
from sage.cli.verb import verb
from sage.clients.hooks.capture.capture_report import read_captures
from sage.domain.answer_json import to_json
from sage.domain.local_time import local_time_text
from sage.domain.memories import DEFAULT_SPACE
from sage.domain.text.columns import padded
from sage.domain.text.wording import counted, duration_text, size_text
from sage.phrases import phrase
from sage.phrases.language import said

if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import datetime, tzinfo

    from sage.cli.terminal.console import Console
    from sage.clients.hooks.capture.capture_report import Captures
    from sage.domain.memories import MemoryStats


@verb("stats", SPACE, JSON, examples=("sage stats", "sage stats --json"))
def stats(args: Namespace, console: Console) -> int:
    """Print how much is stored and its size."""
    memories = AskedMemories(args)
    captures = read_captures(memories.data_dir)
    counts, advice = memories.ask(lambda there: there.stats())
    if args.json:
        console.write_json(to_json(counts))
        return OK
    _write_stats(console, counts, memories.timezone)
    _write_captures(console, captures, memories.space, memories.timezone)
    if advice:
        console.note(advice)
    return OK


_WIDTH = 9
_INDENT = _WIDTH + 1


def _write_stats(console: Console, counts: MemoryStats, timezone: tzinfo) -> None:
    """Write the contents of a space and their size."""
    rows = {
        phrase("memories"): f"{counts.memories:,}",
        phrase("sessions"): f"{counts.sessions:,}",
        phrase("first"): _time_text(counts.first_at, timezone),
        phrase("last"): _time_text(counts.last_at, timezone),
        phrase("storage"): size_text(counts.storage_bytes),
        phrase("model"): counts.embedding_model,
        phrase("queue"): phrase(
            "{pending:,} pending, {failed:,} failed",
            pending=counts.queue.pending,
            failed=counts.queue.failed,
        ),
    }
    if counts.unclassed:
        rows[phrase("classes")] = phrase("{count:,} to be classified", count=counts.unclassed)
    if build := counts.index_build:
        rows[phrase("index")] = phrase(
            "{progress:.0%} built"
            if build.remaining_s is None
            else "{progress:.0%} built, {duration} left",
            progress=build.progress,
            duration=duration_text(build.remaining_s or 0.0),
        )
    for name, value in rows.items():
        console.write((padded(said(name), _WIDTH), Style.NAME), " ", value, hang=_INDENT)


def _write_captures(
    console: Console, captures: Captures, space: str | None, timezone: tzinfo
) -> None:
    """Write what the hooks of each client have captured into a space, and their problems."""
    there = "" if space in {None, DEFAULT_SPACE} else str(space)
    for client, whole in captures.clients.items():
        if there and there not in whole.by_space:
            continue
        capture = whole.within(there)
        kept = phrase("nothing from {client} yet", client=client)
        if capture.captured:
            messages = counted(capture.captured, "message", "messages")
            kept = phrase(
                "{messages} from {client}, last: {time}",
                messages=messages,
                client=client,
                time=_time_text(capture.last_capture, timezone),
            )
        console.write(
            (padded(said(phrase("captured")), _WIDTH), Style.NAME), " ", kept, hang=_INDENT
        )
        console.write(
            " " * _INDENT,
            phrase("hooks called: {calls}", calls=capture.calls_text),
            hang=_INDENT,
        )
        if capture.failing:
            failing = phrase(
                "{failing}: {reason}", failing=phrase("failing"), reason=capture.failing_text
            )
            console.write(" " * _INDENT, *styled(failing, failing=Style.BAD), hang=_INDENT)


def _time_text(when: datetime | None, timezone: tzinfo) -> str:
    return phrase("none") if when is None else local_time_text(when, timezone)
