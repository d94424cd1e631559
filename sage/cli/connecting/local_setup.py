"""`sage connect` without a client: the first steps, with a Sage on this machine."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from sage.cli.connecting.commands import connect_client
from sage.cli.connecting.report import write_whether_sage_answers
from sage.cli.open_services import with_database
from sage.cli.terminal.console import Style
from sage.cli.terminal.prompt import can_ask, confirm
from sage.cli.views.program_name import data_dir_option, program, program_anywhere
from sage.clients.command.guided_setup import pause_steps
from sage.clients.connect.applying import plan_connection
from sage.clients.connect.journal import ConnectJournal
from sage.clients.connect.texts import state_of
from sage.clients.hooks.launcher import moved_from
from sage.clients.hooks.pausing import pauses
from sage.clients.program_cache import require_permanent_program
from sage.errors import SageError
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Collection, Sequence

    from sage.cli.terminal.console import Console
    from sage.clients.command.guided_setup import SessionTranscript
    from sage.clients.connect.catalog import Client
    from sage.clients.connect.changes import FileChange
    from sage.clients.connect.installation import ConnectOptions
    from sage.clients.connect.texts import ConnectionState
    from sage.clients.importing.retention import ExpiringTranscript
    from sage.config.settings import Settings
    from sage.local.data_dir.instance import Instance


class LocalSetup:
    """The interface of the guided setup to Sage here; `options_of` gets the options of a client."""

    def __init__(  # noqa: PLR0913 - where Sage is, and how it is reached
        self,
        args: Namespace,
        console: Console,
        settings: Settings,
        instance: Instance,
        *,
        options_of: Callable[[Client], tuple[ConnectOptions, dict[str, object]]],
        ensure_token: Callable[[], None],
    ) -> None:
        self.name, self.place = program(), data_dir_option(instance)
        self.name_anywhere = program_anywhere()
        self.data_dir = settings.data_dir
        self._args, self._console, self._settings = args, console, settings
        self._instance, self._options_of, self._ensure_token = instance, options_of, ensure_token
        self._hooks_call: dict[str, object] = {}

    def say(self, text: str, *, is_good: bool = False) -> None:
        """Write a line."""
        self._console.write((text, Style.GOOD) if is_good else text, hang=2)

    def note(self, text: str) -> None:
        """Write a note to standard error."""
        self._console.note(text)

    def ask(self, question: str) -> bool | None:
        """Ask a question whose default is yes; None if nobody can answer."""
        return confirm(self._console, question, usual=True) if can_ask(self._console) else None

    def state_of(self, client: Client) -> ConnectionState:
        """Return whether a client is connected."""
        options, _ = self._options_of(client)
        files = ConnectJournal(self.data_dir).files(client.name)
        return state_of(files, moved_from(self.data_dir), options.server.url)

    def why_not(self, client: Client) -> str:
        """Return why a client is skipped, empty if it can be connected."""
        if client.file:
            return ""
        return phrase(
            "`{command}` prints an entry", command=f"{self.name} connect {client.name}{self.place}"
        )

    def plan(self, client: Client) -> Sequence[FileChange]:
        """Return the changes that would connect a client. Raises InvalidInputError."""
        return plan_connection(client, self._options_of(client)[0], ConnectJournal(self.data_dir))

    def connect(self, client: Client) -> bool:
        """Connect a client, and report it. Raises SageError."""
        require_permanent_program()
        options, address = self._options_of(client)
        prepare = self._ensure_token if options.hooks else _do_nothing
        self._hooks_call = address if options.hooks else self._hooks_call
        return connect_client(
            self._console, self._instance, client, options, address, prepare=prepare, in_short=True
        )

    def first_steps(self, clients: Sequence[Client]) -> list[str]:  # noqa: ARG002 - each was told
        """Return the steps to do before connected clients start, without client-specific ones."""
        return pause_steps(self.data_dir, f"{self.name_anywhere} resume{self.place}")

    def new_among(
        self, transcripts: Sequence[ExpiringTranscript]
    ) -> Collection[ExpiringTranscript]:
        """Return the transcripts with messages that Sage has not stored."""
        from sage.operations.checks.transcripts import new_among

        if not transcripts:
            return ()
        with suppress(SageError):  # there is no database yet
            known = pauses(str(self.data_dir))
            looking = partial(new_among, transcripts=transcripts, pauses=known)
            return with_database(self._args, looking, self._settings)
        return transcripts

    def import_sessions(self, sessions: Sequence[SessionTranscript]) -> bool:
        """Import sessions in order, and report the outcome. Raises SageError."""
        from sage.cli.importing.running import Manner, import_sources
        from sage.clients.importing.selection import Selection
        from sage.clients.importing.sources import sources_among
        from sage.clients.reading.files import files_among

        files = (
            file for one in sessions for file in files_among([one.path], folder=one.path.parent)
        )
        selection = Selection(pauses=tuple(pauses(str(self.data_dir))))
        sources = sources_among(files, selection).sources
        return import_sources(self._console, self._settings, sources, Manner())

    def end(self) -> None:
        """Report if no Sage answers at the address of the hooks."""
        if self._hooks_call:
            write_whether_sage_answers(self._console, self._hooks_call)


def _do_nothing() -> None:
    """Do nothing: there are no hooks that need a token."""
