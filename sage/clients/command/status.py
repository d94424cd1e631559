"""`sage-client.pyz status`: the server, the clients, and what was captured, in a few lines."""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sage import __version__
from sage.clients.command.imports import Importer
from sage.clients.command.places import FILE, NAME, data_dir, token_file
from sage.clients.command.proxy import name_of
from sage.clients.command.server import recorded_address, seconds_to_answer
from sage.clients.command.updating import is_of_server
from sage.clients.connect.catalog import CLIENTS
from sage.clients.connect.journal import Journal
from sage.clients.connect.words import state_of
from sage.clients.hooks import backoff, notices, settings
from sage.clients.hooks.ignoring import ignored_by, patterns
from sage.clients.hooks.liveness import read_captures
from sage.clients.hooks.pausing import paused_until, state_text
from sage.clients.hooks.settings import IGNORE
from sage.clients.importing.expiring import (
    expiring_here,
    expiring_text,
    keeping_text,
    last_messages,
    only_of,
)
from sage.domain.text.wording import counted
from sage.errors import StartupError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from sage.clients.hooks.liveness import Captures, ClientCapture


def status(_: Namespace) -> int:
    """Write the state; return 0 if all is well, else 1."""
    well = True
    for name, text, is_well in _rows():
        well = well and is_well
        sys.stdout.write(f"{name:<11} {text}\n")
    return 0 if well else 1


def _rows() -> Iterator[tuple[str, str, bool]]:
    folder = data_dir()
    yield NAME, __version__, True
    address = recorded_address(folder)
    if not address:
        yield "server", "none yet: no client is connected", True
        return
    url = str(address["url"])
    answers = False
    try:
        yield "server", f"{url} answers in {seconds_to_answer(folder, url):.2f} s", True
    except StartupError as error:
        yield "server", f"{error.message} (fix: {error.hint})", False
        if outage := notices.outage(str(folder)):
            yield "outage", f"it {outage}", False
    else:
        answers = True
        backoff.record_way(str(folder))
        with suppress(StartupError):
            if not is_of_server():
                yield "update", f"the server serves another {FILE}: `update` takes it", True
    if proxy := name_of(address.get("proxy")):
        yield "proxy", proxy, True
    kept = token_file()
    yield "token", f"kept in {kept}" if kept.exists() else f"{kept} is gone", kept.exists()
    yield _clients(folder, url)
    captures = read_captures(folder)
    yield _captured(captures)
    for name, one in captures.clients.items():
        if one.failing:
            yield "failing", f"{name}: {_failing(one, answers=answers)}", False
    with suppress(StartupError):
        for text in _expiring(folder, url) if answers else ():
            yield "transcripts", text, True
    yield from _waiting(captures)
    yield from _wishes(str(folder))


def _waiting(captures: Captures) -> Iterator[tuple[str, str, bool]]:
    yield "waiting", counted(captures.waiting, "event", "events"), True
    if captures.dropped_at:
        last = f"the last {captures.dropped_at.astimezone():%Y-%m-%d %H:%M}"
        events = counted(captures.dropped, "event", "events")
        yield "dropped", f"{events}, {last}: too many waited, or too long", False


def _clients(folder: Path, url: str) -> tuple[str, str, bool]:
    """Return which clients are connected."""
    journal = Journal(folder)
    states = {
        client.name: state_of(files, "", f"{url}/mcp")
        for client in CLIENTS
        if (files := journal.files(client.name))
    }
    told = "; ".join(f"{name} {state.text}" for name, state in states.items())
    return "clients", told or "none", not any(one.is_stale for one in states.values())


def _captured(captures: Captures) -> tuple[str, str, bool]:
    """Return how much was captured, and when last."""
    total = sum(one.captured for one in captures.clients.values())
    told = counted(total, "message", "messages")
    if captures.last_capture:
        told = f"{told}, the last {captures.last_capture.astimezone():%Y-%m-%d %H:%M}"
    each = ", ".join(f"{name} {one.captured:,}" for name, one in captures.clients.items())
    return "captured", f"{told} ({each})" if each else told, True


def _wishes(folder: str) -> Iterator[tuple[str, str, bool]]:
    """Yield whether hooks are paused, what is ignored, and what is wrong with their settings."""
    end = paused_until(folder)
    yield "paused", f"{state_text(end)}: `resume` ends that" if end else "no", True
    here = ignored_by(str(Path.cwd()))
    told = ", ".join(patterns()) or f"no folder by {IGNORE}"
    yield "ignored", f"{told}; this folder is, by {here}" if here else told, True
    yield "settings", settings.file_of(folder), True
    for problem in settings.problems(folder):
        yield "settings", problem, False


def _expiring(folder: Path, url: str) -> Iterator[str]:
    """Yield what clients delete soon that Sage does not hold. Raises StartupError."""
    now, home = datetime.now(UTC), Path.home()
    found = expiring_here(home, now)
    messages = last_messages(each for one in found for each in one.soon)
    new = Importer(folder, url).new_among([*messages.values()])
    for one in only_of(found, [each for each, message in messages.items() if message in new]):
        keeping = keeping_text([one], home, f"python3 {FILE}")
        yield f"{expiring_text(one, now)}; {keeping}"


def _failing(one: ClientCapture, *, answers: bool) -> str:
    """Return why the last attempt failed, in the past where the server `answers` by now."""
    if answers and one.last_error and one.last_error.unreached:
        return f"Sage was not reachable at {one.last_error.at.astimezone():%Y-%m-%d %H:%M}"
    return one.failing_text
