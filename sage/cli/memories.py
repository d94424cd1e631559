"""What the verbs ask of the memories: of the running server, or of a database they open themselves.

Both answer alike. The server is asked where it runs on the data directory that is meant, and is
configured as this command is; that takes a fraction of the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping, Sequence
    from datetime import tzinfo
    from pathlib import Path
    from uuid import UUID

    from sage.cli.terminal.console import Console
    from sage.domain.confirming import Confirmation, ConfirmRequest
    from sage.domain.gathering import ContextAnswer
    from sage.domain.given import GivenPage, GivenRequest, NotUsefulReceipt, NotUsefulRequest
    from sage.domain.listing import (
        ForgottenPage,
        ForgottenRequest,
        MemoriesRequest,
        MemoryPage,
        PageRequest,
        Session,
        SessionPage,
        SessionsRequest,
    )
    from sage.domain.locating import Located
    from sage.domain.memories import (
        ForgetReceipt,
        ForgetRequest,
        Memory,
        MemoryStats,
        Message,
        SaveReceipt,
    )
    from sage.domain.projects import Project, ProjectList, RenameReceipt, RenameRequest
    from sage.domain.searching import SearchAnswer
    from sage.domain.tidying import TidyPage, TidyRequest

Answer = TypeVar("Answer")


class Memories(Protocol):
    """The memories of the space that a command means, or of all; each call raises SageError."""

    @property
    def timezone(self) -> tzinfo:
        """The time zone of the users."""

    @property
    def data_dir(self) -> Path:
        """The data directory."""

    @property
    def space(self) -> str | None:
        """The name of the space; None where none is named."""

    def search(self, given: Mapping[str, object]) -> SearchAnswer:
        """Search, with the arguments of search_memory."""

    def context(self, given: Mapping[str, object]) -> ContextAnswer:
        """Gather a context, with the arguments of get_context."""

    def stats(self) -> tuple[MemoryStats, str]:
        """Count what is kept; say what to do where another model is configured, else nothing."""

    def list_memories(self, page: MemoriesRequest) -> MemoryPage:
        """List memories, the newest first."""

    def list_sessions(self, page: SessionsRequest) -> SessionPage:
        """List sessions, the one with the latest message first."""

    def list_forgotten(self, page: ForgottenRequest) -> ForgottenPage:
        """List what can be restored, what was forgotten last first."""

    def read_memory(self, memory_id: UUID | str) -> Memory:
        """Read a memory by its id, or a part of it."""

    def read_session(self, session_id: str, page: PageRequest) -> Session:
        """Read a page of a session by its id, or a part of it."""

    def locate(self, given: Mapping[str, object]) -> Located:
        """Find where a memory fell in a search, with the arguments of that."""

    def correct(self, memory_id: UUID | str, content: str) -> SaveReceipt:
        """Replace what a memory says, by its id or a part of it."""

    def save(
        self,
        given: Mapping[str, object],
        messages: Sequence[Message] | None,
        report: Callable[[SaveReceipt], None],
        console: Console,
    ) -> None:
        """Save, with the arguments of save_conversation; report it, then wait for the vectors.

        `messages` of a file are not among the arguments.
        """

    def forget(self, request: ForgetRequest) -> ForgetReceipt:
        """Forget memories, or restore them."""

    def confirm(self, request: ConfirmRequest) -> Confirmation:
        """Keep that a memory still holds, or take that back."""

    def tidy(self, page: TidyRequest) -> TidyPage:
        """List what may be forgotten, of a part of what is kept."""

    def list_given(self, page: GivenRequest) -> GivenPage:
        """List what was handed out, the latest first."""

    def mark(self, request: NotUsefulRequest, *, undo: bool) -> NotUsefulReceipt:
        """Mark a memory as not useful where it was handed out last, or take that back."""

    def list_projects(self) -> ProjectList:
        """List projects, the one with the latest message first."""

    def read_project(self, name: str) -> Project:
        """Read a project, by any of its names."""

    def move_project(self, request: RenameRequest) -> RenameReceipt:
        """Call a project otherwise."""

    def merge_projects(self, request: RenameRequest) -> RenameReceipt:
        """Join a project to another one, or take it out again."""


class AskedMemories:
    """The running server's memories as long as it takes the questions, then those opened here."""

    def __init__(self, args: Namespace) -> None:
        """Find the server. Raises ConfigurationError where there is none, and InvalidInputError."""
        from sage.cli.running_memories import find_running

        self._args = args
        self._memories: Memories = find_running(args) or self._open()

    @property
    def timezone(self) -> tzinfo:
        """The time zone of the users."""
        return self._memories.timezone

    @property
    def data_dir(self) -> Path:
        """The data directory."""
        return self._memories.data_dir

    @property
    def space(self) -> str | None:
        """The name of the space; None where none is named."""
        return self._memories.space

    def ask(self, question: Callable[[Memories], Answer]) -> Answer:
        """Return the answer of the server, or of the services opened here. Raises SageError."""
        from sage.cli.asking.errors import NotAskedError

        try:
            return question(self._memories)
        except NotAskedError:
            self._memories = self._open()
            return question(self._memories)

    def _open(self) -> Memories:
        from sage.cli.opened_memories import OpenedMemories

        return OpenedMemories(self._args)
