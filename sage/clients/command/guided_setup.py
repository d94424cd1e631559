"""The guided setup: connect the clients here, import their sessions, and show some memories.

`sage connect` and `sage-client.pyz connect` do the same when no client is named.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sage.clients.command.paths import CONNECTING
from sage.clients.connect.catalog import BY_NAME, CLIENTS
from sage.clients.connect.installation import is_installed
from sage.clients.connect.texts import from_home
from sage.clients.formats.transcripts import PLACES
from sage.clients.homes import client_paths
from sage.clients.hooks.pausing import paused_until, state_text
from sage.clients.hooks.project import project_of
from sage.clients.hooks.server.errors import ServerError
from sage.clients.hooks.server.http_client import post
from sage.clients.importing.retention import (
    ExpiringTranscript,
    expiring_here,
    expiring_text,
    keeping_text,
    only_of,
)
from sage.clients.transcripts.projects import folder_of_gemini
from sage.domain.text.wording import counted
from sage.errors import InvalidInputError
from sage.phrases import as_phrase, joined, phrase

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sage.clients.connect.catalog import Client
    from sage.clients.connect.changes import FileChange
    from sage.clients.connect.texts import ConnectionState

DAYS = 30
"""The maximum age in days of the newest message of an offered session."""

_HEAD_BYTES = 64_000
_FOLDER = re.compile(rb'"cwd": ?("(?:[^"\\]|\\.)*")')
_THINGS = 3
_THING_CHARS = 160
_PATIENCE_S = 20.0
_ENTRY = re.compile(
    r"^\[\w+\] (?P<day>[\d-]+)(?: (?P<time>[\d:]{5}))?"
    r"(?:[^:]*, (?P<label>decision|preference) )?[^:]*: (?P<text>.+)$",
    re.MULTILINE,
)
"""A memory in the recalled text: its time, origin, kind, and content."""
_MAX_PROJECTS = 3


@dataclass(frozen=True, slots=True)
class PresetAnswers:
    """Answers given by options; None if the user is asked."""

    connecting: bool | None = None
    importing: bool | None = None


@dataclass(frozen=True, slots=True)
class SessionTranscript:
    """The transcript of a session on a project, and when it was last written."""

    source: str
    path: Path
    written_at: datetime
    project: str


class Program(Protocol):
    """The interface of the running program: output, questions, connecting and importing.

    It is called by its `name`, followed by `place` where necessary.
    """

    name: str
    place: str
    data_dir: Path

    @property
    def name_anywhere(self) -> str:
        """Return the command for this program from any directory."""

    def say(self, text: str, *, is_good: bool = False) -> None:
        """Write a line."""

    def note(self, text: str) -> None:
        """Write a note to standard error."""

    def ask(self, question: str) -> bool | None:
        """Ask a question whose default is yes; None if nobody can answer."""

    def state_of(self, client: Client) -> ConnectionState:
        """Return whether a client is connected."""

    def why_not(self, client: Client) -> str:
        """Return why a client is skipped, empty if it can be connected."""

    def plan(self, client: Client) -> Sequence[FileChange]:
        """Return the changes that would connect a client. Raises InvalidInputError."""

    def connect(self, client: Client) -> bool:
        """Connect a client, and report it. Raises SageError."""

    def first_steps(self, clients: Sequence[Client]) -> Sequence[str]:
        """Return the steps that are required before connected clients start."""

    def new_among(
        self, transcripts: Sequence[ExpiringTranscript]
    ) -> Collection[ExpiringTranscript]:
        """Return the transcripts with messages that are not stored in Sage. Raises SageError."""

    def import_sessions(self, sessions: Sequence[SessionTranscript]) -> bool:
        """Import sessions in order, and report the outcome. Raises SageError."""


def set_up(program: Program, answers: PresetAnswers) -> int:
    """Connect and import, each after a question; return the exit code.

    If nobody can be asked and no answer is preset, only report what was found. Raises SageError.
    """
    installed = installed_here()
    if not installed:
        program.note(
            phrase(
                "no client was found on this machine; supported are {clients}. Start "
                "one once, then run this again; for another client, {entry}.",
                clients=list(BY_NAME),
                entry=as_phrase(program.why_not(BY_NAME["generic"])),
            )
        )
    well, new = True, _write_clients(program, installed)
    is_wanted = new and _wanted(program, _connecting(new), answer=answers.connecting)
    if is_wanted:
        outcomes = [program.connect(one) for one in new]
        well = all(outcomes)
    elif new:
        _write_how_to_connect(program, new)
    sessions = _not_kept(program, _sessions_here(Path.home()))
    is_imported = sessions and _wanted(program, _offer(sessions), answer=answers.importing)
    if is_imported:
        well = program.import_sessions(sessions) and well
        _write_known(program, sessions)
    elif sessions:
        program.note(
            phrase(
                "not imported: {sessions}; `{command}` imports them",
                sessions=_offered(sessions),
                command=_command(program, "connect --import"),
            )
        )
    if is_wanted or is_imported:
        done = ("import --undo last", is_imported), ("connect --remove", is_wanted)
        _write_next(program, installed, [words for words, was_done in done if was_done])
    return 0 if well else 1


def installed_here() -> list[Client]:
    """Return the clients on this machine."""
    return [one for one in CLIENTS if is_installed(one, Path.home())]


def known_of(data_dir: Path, projects: Sequence[str]) -> list[str]:
    """Return memories that sessions of the projects receive, of the first project first.

    Decisions and preferences come first, then the newest. A project of which little is known may
    receive no more than your preferences for answers.
    """
    known = dict[str, None]()
    for project in projects:
        asked = {"event": "start", "client": CONNECTING, "project": project}
        try:
            answer = post(str(data_dir), "/api/v1/hooks/recall", asked, _PATIENCE_S, "")
        except ServerError:
            break
        known |= dict.fromkeys(_entries(str(answer.get("text", ""))))
        if len(known) >= _THINGS:
            break
    return [_shortened(line) for line in [*known][:_THINGS]]


def _entries(text: str) -> Iterator[str]:
    """Return the recalled memories, each with its day: valid ones first, then the newest."""
    found = [*_ENTRY.finditer(text)]
    found.reverse()  # of those of one minute the last is the newest
    found.sort(key=lambda one: (bool(one["label"]), one["day"], one["time"] or ""), reverse=True)
    return (f"{one['day']}  {one['text']}" for one in found)


def _write_clients(program: Program, installed: Sequence[Client]) -> list[Client]:
    """List the clients, and return those that can be connected and are not, or need it again."""
    width, new = max((len(one.name) for one in installed), default=0), []
    for client in installed:
        state = program.state_of(client)
        text = state.text
        if not state.is_connected or state.is_stale:
            why_not = program.why_not(client)
            try:
                changes = [] if why_not else program.plan(client)
            except InvalidInputError as error:
                why_not = error.message
            files = [from_home(one.file.path) for one in changes if one.changes_file]
            if files and not why_not:
                new.append(client)
                text = phrase("{state}; to change: {files}", state=text, files=files)
            elif why_not:
                text = phrase("{state}: {reason}", state=text, reason=why_not)
        program.say(f"{client.name:<{width}}  {text}")
    return new


def _write_how_to_connect(program: Program, new: Sequence[Client]) -> None:
    without = [one.name for one in new if not one.hooks]
    has_hooks = len(without) < len(new)
    one_of_them = "connect CLIENT --hooks --write" if has_hooks else "connect CLIENT --write"
    program.note(
        phrase(
            (
                "nothing was changed: `{all}` connects all of them, `{one}` one of them; "
                "without --hooks for {clients}"
            )
            if has_hooks and without
            else "nothing was changed: `{all}` connects all of them, `{one}` one of them",
            all=_command(program, "connect --yes"),
            one=_command(program, one_of_them),
            clients=without,
        )
    )


def _wanted(program: Program, question: str, *, answer: bool | None) -> bool:
    return bool(program.ask(question) if answer is None else answer)


def _command(program: Program, words: str) -> str:
    return f"{program.name} {words}{program.place}"


def _connecting(new: Sequence[Client]) -> str:
    return phrase(
        "Connect {clients}, with hooks"
        if all(one.hooks for one in new)
        else "Connect {clients}, with hooks if supported",
        clients=[one.title for one in new],
    )


def _sessions_here(home: Path) -> list[SessionTranscript]:
    """Return the sessions of the last days: those on this project first, then the newest."""
    oldest, here = datetime.now(UTC) - timedelta(days=DAYS), project_of(str(Path.cwd()))
    found = []
    for source, (folder, pattern) in PLACES.items():
        for path in {one for place in client_paths(home, folder) for one in place.glob(pattern)}:
            try:
                written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                if written_at >= oldest and path.stat().st_size:
                    found.append(
                        SessionTranscript(source, path, written_at, _project_of(source, path))
                    )
            except OSError:
                continue
    return sorted(found, key=lambda one: (one.project == here, one.written_at), reverse=True)


def _project_of(source: str, path: Path) -> str:
    """Return the project of a session, empty if it is unknown. Raises OSError."""
    if source == "gemini-cli":
        return project_of(folder_of_gemini(path.parent.parent, path.parent.parent.name))
    with path.open("rb") as file:
        found = _FOLDER.search(file.read(_HEAD_BYTES))
    try:
        return project_of(str(json.loads(found[1]))) if found else ""
    except ValueError:
        return ""


def _not_kept(program: Program, sessions: Sequence[SessionTranscript]) -> list[SessionTranscript]:
    """Return the sessions that Sage has not stored, and report which are deleted soon."""
    now, home = datetime.now(UTC), Path.home()
    expiring = expiring_here(home, now)
    soon = {each.path: each for one in expiring for each in one.soon}
    transcripts = {
        one.path: ExpiringTranscript(one.source, one.path, now) for one in sessions
    } | soon
    new = program.new_among([*transcripts.values()])
    offered = [one for one in sessions if transcripts[one.path] in new]
    paths = {one.path for one in offered}
    for one in only_of(expiring, new):
        text = expiring_text(one, now)
        if not all(each.path in paths for each in one.soon):
            text = joined("; ", (text, keeping_text([one], home, program.name, program.place)))
        program.note(text)
    return offered


def _offered(sessions: Sequence[SessionTranscript]) -> str:
    by_client = Counter(one.source for one in sessions)
    return phrase(
        "{sessions} of the last {days} days ({clients})",
        sessions=counted(len(sessions), "session", "sessions"),
        days=DAYS,
        clients=[f"{BY_NAME[name].title} {count:,}" for name, count in sorted(by_client.items())],
    )


def _offer(sessions: Sequence[SessionTranscript]) -> str:
    return phrase("Import {sessions}", sessions=_offered(sessions))


def _write_known(program: Program, sessions: Sequence[SessionTranscript]) -> None:
    here, most = project_of(str(Path.cwd())), Counter(one.project for one in sessions).most_common()
    projects = dict.fromkeys(filter(None, (here, *(project for project, _ in most))))
    if known := known_of(program.data_dir, [*projects][:_MAX_PROJECTS]):
        program.say(phrase("Sage now remembers, among other things:"), is_good=True)
        for line in known:
            program.say(f"  {line}")


def _write_next(program: Program, installed: Sequence[Client], undoing: Sequence[str]) -> None:
    connected = [one for one in installed if program.state_of(one).is_connected]
    for step in program.first_steps(connected):
        program.say(phrase("next  {step}", step=as_phrase(step)))
    if connected:
        starts = [one.programs[0] for one in connected if one.hooks and one.programs]
        program.say(
            phrase(
                "next  start {client} in a project: the session begins with relevant memories",
                client=f"`{starts[0]}`" if starts else connected[0].title,
            )
        )
    for words in undoing:
        command = f"{program.name_anywhere} {words}{program.place}"
        program.say(phrase("undo  {command}", command=command))


def pause_steps(data_dir: Path, command: str) -> list[str]:
    """Return the step that ends the pause of the hooks by `command`, if there is one."""
    end = paused_until(str(data_dir))
    text = phrase("{command}  (hooks are {state})", command=command, state=state_text(end))
    return [text] if end else []


def _shortened(text: str) -> str:
    return text if len(text) <= _THING_CHARS else f"{text[: _THING_CHARS - 1]}…"
