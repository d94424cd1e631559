"""`sage-client.pyz connect` without a client: the first steps with a remote Sage."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sage.clients.command.guided_setup import PresetAnswers, installed_here, pause_steps, set_up
from sage.clients.command.import_ import import_sources
from sage.clients.command.import_client import Importer
from sage.clients.command.installed_copy import called_anywhere, hook_words, install_copy
from sage.clients.command.output import answer_to, can_ask, note, say
from sage.clients.command.paths import FILE, NAME, data_dir, token_file
from sage.clients.command.server import (
    keep_token,
    known_token,
    recorded_address,
    require_answer,
    require_token,
)
from sage.clients.connect.applying import apply_changes, plan_connection
from sage.clients.connect.catalog import TAKE_COMMANDS_ALONE
from sage.clients.connect.changes import foreign_edits
from sage.clients.connect.installation import ConnectOptions
from sage.clients.connect.journal import ConnectJournal
from sage.clients.connect.server import MACHINE_MARK, MCP_PATH, Server
from sage.clients.connect.texts import (
    connected_text,
    left_alone,
    needs_export,
    own_steps,
    state_of,
)
from sage.clients.hooks.capture.status import record_set_up
from sage.clients.hooks.launcher import record_server
from sage.clients.hooks.pausing import pauses
from sage.clients.importing.retention import last_messages
from sage.clients.importing.selection import Selection
from sage.clients.importing.sources import sources_among
from sage.clients.reading.files import files_among
from sage.phrases import as_phrase, phrase

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Collection, Mapping, Sequence

    from sage.clients.command.guided_setup import SessionTranscript
    from sage.clients.connect.catalog import Client
    from sage.clients.connect.changes import FileChange
    from sage.clients.connect.texts import ConnectionState
    from sage.clients.importing.retention import ExpiringTranscript


NO_TLS = phrase(
    "the connection is not encrypted (no TLS): the server has proved that it is your "
    "Sage, but others on the network can read what is sent"
)


def set_up_remote(args: Namespace, address: Mapping[str, object]) -> int:
    """Connect all clients and import their sessions, each after a question.

    If nobody can be asked and no answer is preset, or there are no clients, only list these: no
    token is requested, since none would be stored. Raises SageError.
    """
    importing = args.importing if args.importing is not None else args.yes
    answers = PresetAnswers(args.yes or None, importing or args.importing)
    token = known_token(args.token_file, token_file())
    if not installed_here() or (not can_ask() and answers == PresetAnswers()):
        return set_up(_RemoteSetup(data_dir(), address, token), answers)
    token = require_token(token)
    with TemporaryDirectory(prefix="sage-client-") as name:
        folder = Path(name)
        keep_token(token, folder / "token")
        record_server(folder, {**address, "token_file": str(folder / "token")})
        took_s = require_answer(address, token)
        say(phrase("{url} answers in {took:.2f} s", url=address["url"], took=took_s))
        if token.startswith(MACHINE_MARK):
            note(
                phrase(
                    "the token is only valid for hooks and imports: clients get no MCP "
                    "tools with it"
                )
            )
        if not address["tls"]:
            note(NO_TLS)
        return set_up(_RemoteSetup(folder, address, token, took_s=took_s), answers)


class _RemoteSetup:
    """The interface of the first steps to a Sage that `folder` has recorded.

    It took `took_s` seconds to answer; if that is None, it is not called.
    """

    def __init__(
        self,
        folder: Path,
        address: Mapping[str, object],
        token: str,
        *,
        took_s: float | None = None,
    ) -> None:
        is_wheel = Path(sys.argv[0]).name == NAME
        self.name = NAME if is_wheel else f"python3 {shlex.quote(sys.argv[0] or FILE)}"
        url = str(address["url"])
        self.place = "" if recorded_address(data_dir()) else f" --url {shlex.quote(url)}"
        self.data_dir = folder
        self._address, self._token = address, token
        self._answers, self._took_s = took_s is not None, took_s or 0.0
        self._tools = not token.startswith(MACHINE_MARK)
        self._importer = Importer(folder, url, token=token, note=note)

    @property
    def name_anywhere(self) -> str:
        """Return the command from any directory; connecting installs a copy."""
        return called_anywhere()

    def say(self, text: str, *, is_good: bool = False) -> None:  # noqa: ARG002 - has no colours
        """Write a line."""
        say(text)

    def note(self, text: str) -> None:
        """Write a note to standard error."""
        note(text)

    def ask(self, question: str) -> bool | None:
        """Ask a question whose default is yes; None if nobody can answer."""
        if not can_ask():
            return None
        answer = answer_to(phrase("{question}? [Y/n] ", question=as_phrase(question)))
        return answer == "\n" or answer.strip().lower() in {"y", "yes"}

    def state_of(self, client: Client) -> ConnectionState:
        """Return whether a client is connected."""
        files = ConnectJournal(data_dir()).files(client.name)
        return state_of(files, "", f"{self._address['url']}{MCP_PATH}")

    def why_not(self, client: Client) -> str:
        """Return why a client is skipped, empty if it can be connected."""
        if not client.file:
            return phrase(
                "`{command}` prints an entry, which requires a token for the MCP tools",
                command=f"{self.name} connect {client.name}{self.place}",
            )
        if client.name in TAKE_COMMANDS_ALONE:
            return phrase("add Sage as a connector in its settings")
        if not self._tools and client.hooks is None:
            return phrase("it does not support hooks, and the token is only valid for hooks")
        return ""

    def plan(self, client: Client) -> Sequence[FileChange]:
        """Return the changes that would connect a client. Raises InvalidInputError."""
        return plan_connection(client, self._options(client), ConnectJournal(data_dir()))

    def connect(self, client: Client) -> bool:
        """Connect a client, and report it. Raises SageError, OSError."""
        journal, options, changes = (
            ConnectJournal(data_dir()),
            self._options(client),
            self.plan(client),
        )
        install_copy(self._address, self._token, self._took_s)
        self.place = ""  # the address is recorded now
        if options.hooks:
            record_set_up(str(data_dir()), client.name)
        apply_changes(data_dir(), client, changes, journal)
        for message in left_alone(changes):
            note(message)
        say(connected_text(client, options, changes))
        # What is said of the token is the same for all of them, and is said at the end.
        own = replace(options.server, needs_token=False)
        for step in own_steps(client, replace(options, tools=True, server=own)):
            say(phrase("  next  {step}", step=as_phrase(step)))
        return not foreign_edits(changes)

    def first_steps(self, clients: Sequence[Client]) -> list[str]:
        """Return the steps to do before connected clients start."""
        steps = pause_steps(data_dir(), f"{self.name_anywhere} resume")
        if any(map(needs_export, clients, map(self._options, clients))):
            export = phrase(
                "{export}  (add it to your shell profile, too: clients need it for the "
                "MCP tools; hooks do not)",
                export=self._options(clients[0]).server.export,
            )
            steps.append(export)
        return steps

    def new_among(
        self, transcripts: Sequence[ExpiringTranscript]
    ) -> Collection[ExpiringTranscript]:
        """Return the transcripts with messages that Sage has not stored. Raises StartupError."""
        if not self._answers:
            return ()
        messages = last_messages(transcripts, pauses(str(data_dir())))
        new = self._importer.new_among([*messages.values()])
        return {one for one, message in messages.items() if message in new}

    def import_sessions(self, sessions: Sequence[SessionTranscript]) -> bool:
        """Import sessions in order, and report the outcome. Raises StartupError."""
        files = (
            file for one in sessions for file in files_among([one.path], folder=one.path.parent)
        )
        selection = Selection(pauses=tuple(pauses(str(data_dir()))))
        return import_sources(self._importer, sources_among(files, selection).sources)

    def _options(self, client: Client) -> ConnectOptions:
        mcp = f"{self._address['url']}{MCP_PATH}"
        kept = str(token_file())
        server = Server(mcp, needs_token=True, command=(), hook=hook_words(), token_file=kept)
        return ConnectOptions(
            server, Path.home(), hooks=client.hooks is not None, tools=self._tools
        )
