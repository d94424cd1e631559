"""Memories of a database that a verb opens itself, with services of its own."""

from __future__ import annotations

import asyncio
from contextlib import closing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from sage.api.arguments import ContextArguments, LocateArguments, SaveArguments, SearchArguments
from sage.cli.open_services import settings_of, with_services
from sage.cli.options import chosen_space
from sage.cli.saving.parts import save_in_parts, split_messages
from sage.cli.saving.vectors import watch_vectors
from sage.domain.caller import Caller
from sage.domain.memories import Correction
from sage.domain.provenance import Via

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import tzinfo
    from pathlib import Path

    from sage.bootstrap import Services
    from sage.cli.terminal.console import Console
    from sage.domain.confirming import Confirmation, ConfirmRequest
    from sage.domain.gathering import ContextAnswer, ContextRequest
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
    from sage.domain.recall_log import GivenPage, GivenRequest, NotUsefulReceipt, NotUsefulRequest
    from sage.domain.searching import SearchAnswer, SearchRequest
    from sage.domain.tidying import TidyPage, TidyRequest

Result = TypeVar("Result")
AnySpace = TypeVar("AnySpace", "SearchRequest", "ContextRequest")
OneSpace = TypeVar(
    "OneSpace",
    "ConfirmRequest",
    "ForgetRequest",
    "ForgottenRequest",
    "GivenRequest",
    "MemoriesRequest",
    "NotUsefulRequest",
    "PageRequest",
    "RenameRequest",
    "SessionsRequest",
    "TidyRequest",
)


class OpenedMemories:
    """The memories of the configured database; see `Memories`. Each call opens it and closes it."""

    def __init__(self, args: Namespace) -> None:
        """Read the settings. Raises ConfigurationError, and InvalidInputError for the space."""
        self._args = args
        self._settings = settings_of(args)
        self.space = chosen_space(args, self._settings)

    @property
    def timezone(self) -> tzinfo:
        """The time zone of the users."""
        return self._settings.timezone

    @property
    def data_dir(self) -> Path:
        """The data directory."""
        return self._settings.data_dir

    def search(self, given: Mapping[str, object]) -> SearchAnswer:
        """Search, with the arguments of search_memory."""
        request = SearchArguments.parse(given).to_request(Caller())
        return self._in_spaces(request, lambda services, asked: services.memory.search(asked))

    def context(self, given: Mapping[str, object]) -> ContextAnswer:
        """Gather a context, with the arguments of get_context."""
        request = ContextArguments.parse(given).to_request(Caller())
        return self._in_spaces(request, lambda services, asked: services.memory.context(asked))

    def stats(self) -> tuple[MemoryStats, str]:
        """Count memories; return also a hint if another model is configured, else an empty text."""

        async def count(services: Services, space_id: str) -> tuple[MemoryStats, str]:
            return await services.memory.stats(space_id), services.model.advice

        return self._in_space(count)

    def list_memories(self, page: MemoriesRequest) -> MemoryPage:
        """List memories, the newest first."""
        return self._ask(page, lambda services, asked: services.listing.list_memories(asked))

    def list_sessions(self, page: SessionsRequest) -> SessionPage:
        """List sessions, the one with the latest message first."""
        return self._ask(page, lambda services, asked: services.listing.list_sessions(asked))

    def list_forgotten(self, page: ForgottenRequest) -> ForgottenPage:
        """List forgotten memories that can be restored, the last forgotten first."""
        return self._ask(page, lambda services, asked: services.listing.list_forgotten(asked))

    def read_memory(self, memory_id: UUID | str) -> Memory:
        """Read a memory by its id or a part of it."""
        whole, parts = ((memory_id,), ()) if isinstance(memory_id, UUID) else ((), (memory_id,))

        async def read(services: Services, space_id: str) -> Memory:
            named = await services.memory.read_details(space_id, whole, parts)
            memory = await services.memory.read_memory(space_id, named.memory_id)
            return memory.seen_by(None)

        return self._in_space(read)

    def read_session(self, session_id: str, page: PageRequest) -> Session:
        """Read a page of a session by its id or a part of it."""
        return self._ask(
            page, lambda services, asked: services.listing.read_session(session_id, asked)
        )

    def locate(self, given: Mapping[str, object]) -> Located:
        """Return the rank of a memory in a search, with the arguments of that."""
        request = LocateArguments.parse(given).to_locate_request(Caller())
        return self._in_spaces(
            request.search,
            lambda services, search: services.locating.locate(replace(request, search=search)),
        )

    def correct(self, memory_id: UUID | str, content: str) -> SaveReceipt:
        """Replace the text of a memory, by its id or a part of it."""
        return self._in_space(
            lambda services, space_id: services.memory.correct(
                Correction(memory_id, content, space_id, source=Via.CLI)
            ),
            read_only=False,
        )

    def save(
        self,
        given: Mapping[str, object],
        messages: Sequence[Message] | None,
        report: Callable[[SaveReceipt], None],
        console: Console,
    ) -> None:
        """Save, with the arguments of save_conversation; report it, then wait for the vectors.

        `messages` are those of a file, which are not among the arguments.
        """
        arguments = SaveArguments.parse(given)
        requests = (
            (arguments.to_request(Caller(via=Via.CLI)),)
            if messages is None
            else split_messages(messages, arguments)
        )

        async def work(services: Services, space_id: str) -> None:
            meant = [replace(request, space_id=space_id) for request in requests]
            receipt = await save_in_parts(services, meant, console)
            report(receipt)
            if receipt.saved:
                await _await_vectors(services, space_id, console)

        self._in_space(work, read_only=False)

    def forget(self, request: ForgetRequest) -> ForgetReceipt:
        """Forget memories, or restore them."""
        return self._ask(request, lambda services, asked: services.memory.forget(asked))

    def confirm(self, request: ConfirmRequest) -> Confirmation:
        """Confirm that a memory is still true, or withdraw that."""
        return self._ask(request, lambda services, asked: services.memory.confirm(asked))

    def tidy(self, page: TidyRequest) -> TidyPage:
        """List candidates for forgetting, of one list."""
        return self._ask(page, lambda services, asked: services.tidying.page(asked))

    def list_given(self, page: GivenRequest) -> GivenPage:
        """List recalled memories, the latest first."""
        return self._ask(page, lambda services, asked: services.given.list_given(asked))

    def mark(self, request: NotUsefulRequest, *, undo: bool) -> NotUsefulReceipt:
        """Mark a memory as not useful on its last recall, or withdraw that."""
        return self._ask(
            request,
            lambda services, asked: (
                services.given.unmark(asked) if undo else services.given.mark(asked)
            ),
        )

    def list_projects(self) -> ProjectList:
        """List projects, the one with the latest message first."""
        return self._in_space(lambda services, space_id: services.projects.list_projects(space_id))

    def read_project(self, name: str) -> Project:
        """Read a project, by any of its names."""
        return self._in_space(
            lambda services, space_id: services.projects.read_project(space_id, name)
        )

    def move_project(self, request: RenameRequest) -> RenameReceipt:
        """Rename a project."""
        return self._ask(request, lambda services, asked: services.projects.move(asked))

    def merge_projects(self, request: RenameRequest) -> RenameReceipt:
        """Merge a project into another one, or separate it again."""
        return self._ask(request, lambda services, asked: services.projects.merge(asked))

    def _ask(
        self, request: OneSpace, work: Callable[[Services, OneSpace], Awaitable[Result]]
    ) -> Result:
        """Run a request in the selected space. Raises as `_in_space` does."""
        return self._in_space(
            lambda services, space_id: work(services, replace(request, space_id=space_id))
        )

    def _in_space(
        self, work: Callable[[Services, str], Awaitable[Result]], *, read_only: bool = True
    ) -> Result:
        """Run `work` with the id of the selected space.

        Raises NotFoundError if the space does not exist, SageError.
        """

        async def run(services: Services) -> Result:
            return await work(services, await services.spaces.id_of(self.space))

        return with_services(self._args, run, self._settings, read_only=read_only)

    def _in_spaces(
        self, request: AnySpace, work: Callable[[Services, AnySpace], Awaitable[Result]]
    ) -> Result:
        """Run a reading request in the selected space, or in all for `*`."""

        async def run(services: Services) -> Result:
            reader = await services.spaces.reader_of(self.space)
            return await work(
                services, replace(request, space_id=reader.space_id, spaces=reader.spaces)
            )

        return with_services(self._args, run, self._settings)


async def _await_vectors(services: Services, space_id: str, console: Console) -> None:
    async def pending() -> int:
        return (await services.memory.stats(space_id)).queue.pending

    with closing(watch_vectors(await pending(), console)) as watch, suppress(StopIteration):
        pause_s = next(watch)
        while True:
            await asyncio.sleep(pause_s)
            pause_s = watch.send(await pending())
