"""`sage-client.pyz status`: the server, the clients, and captures, in a few lines."""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sage import __version__
from sage.clients.command.import_client import Importer
from sage.clients.command.installed_copy import called_anywhere
from sage.clients.command.paths import FILE, NAME, data_dir, token_file
from sage.clients.command.server import proxy_name, recorded_address, seconds_to_answer
from sage.clients.command.update import is_of_server
from sage.clients.connect.catalog import CLIENTS
from sage.clients.connect.journal import ConnectJournal
from sage.clients.connect.server import MCP_PATH
from sage.clients.connect.texts import state_of
from sage.clients.hooks import settings
from sage.clients.hooks.capture.capture_report import read_captures
from sage.clients.hooks.ignoring import ignored_by, patterns
from sage.clients.hooks.pausing import paused_until, state_text
from sage.clients.hooks.recall import notices
from sage.clients.hooks.server import backoff
from sage.clients.hooks.settings import IGNORE
from sage.clients.importing.retention import (
    expiring_here,
    expiring_text,
    keeping_text,
    last_messages,
    only_of,
)
from sage.domain.text.columns import padded
from sage.domain.text.wording import counted
from sage.errors import StartupError
from sage.phrases import as_phrase, joined, phrase
from sage.phrases.language import said, said_phrase

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from sage.clients.hooks.capture.capture_report import Captures, ClientCapture


def status(_: Namespace) -> int:
    """Write the state; return 0 if everything works, else 1."""
    well = True
    for name, text, is_well in _rows():
        well = well and is_well
        sys.stdout.write(f"{padded(said(name), 11)} {said_phrase(text)}\n")
    return 0 if well else 1


def _rows() -> Iterator[tuple[str, str, bool]]:
    folder = data_dir()
    yield NAME, __version__, True
    address = recorded_address(folder)
    if not address:
        yield phrase("server"), phrase("none: no client is connected"), True
        return
    url = str(address["url"])
    answers = False
    try:
        took_s = seconds_to_answer(folder, url)
        yield phrase("server"), phrase("{url} answers in {took:.2f} s", url=url, took=took_s), True
    except StartupError as error:
        why, fix = as_phrase(error.message), as_phrase(error.hint)
        yield phrase("server"), phrase("{reason} (fix: {hint})", reason=why, hint=fix), False
        if outage := notices.outage_text(str(folder)):
            yield phrase("outage"), phrase("it {trouble}", trouble=as_phrase(outage)), False
    else:
        answers = True
        backoff.record_reachable(str(folder))
        with suppress(StartupError):
            if not is_of_server():
                newer = phrase(
                    "the server provides another version of {file}: run `update`", file=FILE
                )
                yield phrase("update"), newer, True
    if proxy := proxy_name(address.get("proxy")):
        yield phrase("proxy"), proxy, True
    kept = token_file()
    there = kept.exists()
    yield (
        phrase("token"),
        phrase("stored in {file}" if there else "{file} no longer exists", file=kept),
        there,
    )
    yield _clients(folder, url)
    captures = read_captures(folder)
    yield _captured(captures)
    for name, one in captures.clients.items():
        if one.failing:
            reason = as_phrase(_failing(one, answers=answers))
            yield phrase("failing"), phrase("{client}: {reason}", client=name, reason=reason), False
    with suppress(StartupError):
        for text in _expiring(folder, url) if answers else ():
            yield phrase("transcripts"), text, True
    yield from _waiting(captures)
    yield from _user_settings(str(folder))


def _waiting(captures: Captures) -> Iterator[tuple[str, str, bool]]:
    yield phrase("waiting"), counted(captures.waiting, "event", "events"), True
    if captures.dropped_at:
        text = phrase(
            "{events}, the last {time}: the queue was full, or they were too old",
            events=counted(captures.dropped, "event", "events"),
            time=f"{captures.dropped_at.astimezone():%Y-%m-%d %H:%M}",
        )
        yield phrase("dropped"), text, False


def _clients(folder: Path, url: str) -> tuple[str, str, bool]:
    """Return which clients are connected."""
    journal = ConnectJournal(folder)
    states = {
        client.name: state_of(files, "", f"{url}{MCP_PATH}")
        for client in CLIENTS
        if (files := journal.files(client.name))
    }
    details = joined(
        "; ",
        (
            phrase("{client} {state}", client=name, state=as_phrase(state.text))
            for name, state in states.items()
        ),
    )
    return (
        phrase("clients"),
        details or phrase("none"),
        not any(one.is_stale for one in states.values()),
    )


def _captured(captures: Captures) -> tuple[str, str, bool]:
    """Return how much was captured, and the last time."""
    total = sum(one.captured for one in captures.clients.values())
    details = counted(total, "message", "messages")
    if captures.last_capture:
        last = f"{captures.last_capture.astimezone():%Y-%m-%d %H:%M}"
        details = phrase("{messages}, the last {time}", messages=details, time=last)
    each = ", ".join(f"{name} {one.captured:,}" for name, one in captures.clients.items())
    if each:
        details = phrase("{messages} ({each})", messages=details, each=each)
    return phrase("captured"), details, True


def _user_settings(folder: str) -> Iterator[tuple[str, str, bool]]:
    """Yield whether hooks are paused, what they ignore, and errors in their settings."""
    end = paused_until(folder)
    paused = (
        phrase("{state}: `resume` resumes them", state=state_text(end)) if end else phrase("no")
    )
    yield phrase("paused"), paused, True
    here = ignored_by(str(Path.cwd()))
    details = ", ".join(patterns()) or phrase("none ({setting} is not set)", setting=IGNORE)
    if here:
        details = phrase(
            "{patterns}; this directory is ignored by {pattern}", patterns=details, pattern=here
        )
    yield phrase("ignored"), details, True
    yield phrase("settings"), settings.file_of(folder), True
    for problem in settings.problems(folder):
        yield phrase("settings"), problem, False


def _expiring(folder: Path, url: str) -> Iterator[str]:
    """Yield which transcripts not stored in Sage are deleted soon. Raises StartupError."""
    now, home = datetime.now(UTC), Path.home()
    found = expiring_here(home, now)
    messages = last_messages(each for one in found for each in one.soon)
    new = Importer(folder, url).new_among([*messages.values()])
    for one in only_of(found, [each for each, message in messages.items() if message in new]):
        keeping = keeping_text([one], home, called_anywhere())
        yield joined("; ", (expiring_text(one, now), keeping))


def _failing(one: ClientCapture, *, answers: bool) -> str:
    """Return why the last attempt failed, in the past tense if the server `answers` now."""
    if answers and one.last_error and one.last_error.unreached:
        time = f"{one.last_error.at.astimezone():%Y-%m-%d %H:%M}"
        return phrase("Sage was not reachable at {time}", time=time)
    return one.failing_text
