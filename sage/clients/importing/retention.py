"""Transcripts that AI clients delete automatically: how many, when, and by which setting.

Claude Code and Gemini CLI do. Codex, Qwen Code and Copilot CLI keep theirs.
"""

from __future__ import annotations

import re
import shlex
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sage.clients.connect.config_file import ConfigFile
from sage.clients.connect.json_text import parse_json
from sage.clients.formats.transcripts import PLACES
from sage.clients.homes import client_path, client_paths
from sage.clients.hooks.pausing import is_within
from sage.clients.transcripts.conversation import INTERRUPTED
from sage.clients.transcripts.jsonl import parse_line
from sage.clients.transcripts.reading import FORMATS, Position, clean, read_turns
from sage.clients.transcripts.times import time_of
from sage.clients.transcripts.turns import memory_id
from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence
    from pathlib import Path
    from uuid import UUID

    from sage.clients.transcripts.turns import Turn

    Pauses = Sequence[tuple[float, float]]

SOON = timedelta(days=7)
"""How long before its deletion a transcript is reported."""

_TAIL_BYTES = 1_000_000
_DAYS = {"h": 1 / 24, "d": 1, "w": 7, "m": 30}


@dataclass(frozen=True, slots=True)
class ExpiringTranscript:
    """The transcript of a session, and when its client deletes it."""

    source: str
    path: Path
    deleted_at: datetime


@dataclass(frozen=True, slots=True)
class ExpiringTranscripts:
    """The transcripts of a client, those that it deletes soon, and the `setting` for that."""

    title: str
    setting: str
    folder: Path
    total: int
    soon: Sequence[ExpiringTranscript]


def expiring_here(home: Path, now: datetime) -> list[ExpiringTranscripts]:
    """Return the clients that delete transcripts within `SOON`. Raises nothing."""
    found = []
    for source, (title, settings, retention) in _CLIENTS.items():
        try:
            days, setting = retention(_settings_in(client_path(home, settings)))
        except InvalidInputError:
            continue  # neither of them deletes anything while its settings cannot be read
        folder, pattern = PLACES[source]
        for place in client_paths(home, folder):
            written = {one: at for one in place.glob(pattern) if (at := _written_at(one))}
            keeping = timedelta(days=days)
            soon = [
                ExpiringTranscript(source, one, at + keeping)
                for one, at in written.items()
                if days and at + keeping < now + SOON
            ]
            if soon:
                soon.sort(key=lambda one: one.deleted_at)
                found.append(ExpiringTranscripts(title, setting, place, len(written), soon))
    return found


def last_message(transcript: ExpiringTranscript, pauses: Pauses = ()) -> UUID | None:
    """Return the id of the memory of its last message, None without one. Raises OSError.

    Messages said in `pauses` are ignored.
    """
    source, form = transcript.source, FORMATS[transcript.source]
    size = transcript.path.stat().st_size
    with transcript.path.open("rb") as file:
        file.seek(max(0, size - _TAIL_BYTES))
        lines = file.read().splitlines()
    for raw in reversed(lines):
        line = parse_line(raw) if any(mark in raw for mark in form.marks) else None
        turn = form.read_line(line) if isinstance(line, dict) else None
        if turn and not turn.text.startswith(INTERRUPTED) and clean(turn).text:
            if _is_within(pauses, turn):
                continue
            return memory_id(source, turn.key)
    turns, _ = read_turns(transcript.path, source, Position())
    heard = [one for one in turns if not _is_within(pauses, one)]
    return memory_id(source, heard[-1].key) if heard else None


def last_messages(
    transcripts: Iterable[ExpiringTranscript], pauses: Pauses = ()
) -> dict[ExpiringTranscript, UUID]:
    """Return the last message of each transcript that has one, ignoring those in pauses."""
    messages = {}
    for transcript in transcripts:
        with suppress(OSError):
            if message := last_message(transcript, pauses):
                messages[transcript] = message
    return messages


def only_of(
    found: Sequence[ExpiringTranscripts], wanted: Container[ExpiringTranscript]
) -> list[ExpiringTranscripts]:
    """Return the expiring ones among the `wanted` transcripts."""
    left = [replace(one, soon=[each for each in one.soon if each in wanted]) for one in found]
    return [one for one in left if one.soon]


def expiring_text(one: ExpiringTranscripts, now: datetime) -> str:
    """Return how many transcripts a client deletes, when, and by which setting."""
    first = one.soon[0].deleted_at
    return phrase(
        (
            "{client} deletes {count:,} of {total:,} transcripts within {days} days, the "
            "first at its next start ({setting})"
        )
        if first <= now
        else "{client} deletes {count:,} of {total:,} transcripts within {days} days, the first on"
        " {day} ({setting})",
        client=one.title,
        count=len(one.soon),
        total=one.total,
        days=SOON.days,
        day=f"{first.astimezone():%Y-%m-%d}",
        setting=one.setting,
    )


def keeping_text(
    found: Sequence[ExpiringTranscripts], home: Path, program: str = "sage", place: str = ""
) -> str:
    """Return the command of a program that imports the transcripts before they are deleted.

    `place` is its argument where necessary.
    """
    paths = " ".join(_for_shell(one.folder, home) for one in found)
    return phrase(
        "`{program} import {paths}{place}` imports them", program=program, paths=paths, place=place
    )


def _for_shell(path: Path, home: Path) -> str:
    inside = path.is_relative_to(home)
    return f"~/{shlex.quote(str(path.relative_to(home)))}" if inside else shlex.quote(str(path))


def _is_within(pauses: Pauses, turn: Turn) -> bool:
    said_at = time_of(turn.said_at) if pauses else None
    return said_at is not None and is_within(pauses, said_at.timestamp())


def _settings_in(file: Path) -> Mapping[str, Any]:
    text = ConfigFile.read(file).text
    value = parse_json(text, str(file), strict=False).value if text and text.strip() else {}
    return value if isinstance(value, dict) else {}


def _kept_by_claude(settings: Mapping[str, Any]) -> tuple[float, str]:
    days = settings.get("cleanupPeriodDays", 30)
    is_number = isinstance(days, int | float) and not isinstance(days, bool)
    return (days if is_number and days >= 1 else 0, f"cleanupPeriodDays {days}")


def _kept_by_gemini(settings: Mapping[str, Any]) -> tuple[float, str]:
    general = settings.get("general")
    policy = general.get("sessionRetention") if isinstance(general, dict) else None
    policy = policy if isinstance(policy, dict) else {}
    if policy.get("enabled", True) is not True:
        return 0, ""
    age = policy.get("maxAge", "30d")
    days, least = _days_in(age), _days_in(policy.get("minRetention", "1d"))
    return (days if days >= least > 0 else 0, f"sessionRetention.maxAge {age}")


def _days_in(period: object) -> float:
    found = re.fullmatch(r"(\d+)([dhwm])", period) if isinstance(period, str) else None
    return int(found[1]) * _DAYS[found[2]] if found else 0


def _written_at(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return None


_CLIENTS: Mapping[str, tuple[str, str, Callable[[Mapping[str, Any]], tuple[float, str]]]] = {
    "claude-code": ("Claude Code", ".claude/settings.json", _kept_by_claude),
    "gemini-cli": ("Gemini CLI", ".gemini/settings.json", _kept_by_gemini),
}
"""By source: the client, its settings, and for how many days it keeps transcripts, 0 for ever."""
