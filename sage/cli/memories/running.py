"""Memories of the running server, called through its socket."""

from __future__ import annotations

import os
import time
from contextlib import closing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote
from uuid import uuid4

from sage.cli.memories.connection import ServerConnection, another_release
from sage.cli.memories.errors import LostAnswerError, NotAskedError
from sage.cli.options import checked_option
from sage.cli.saving.vectors import watch_vectors
from sage.cli.terminal.console import Console
from sage.clients.data_dir.server_socket import socket_path
from sage.config.child_environment import terminal_variables
from sage.config.fingerprint import fingerprint
from sage.config.layers import overrides_of, read_layers
from sage.config.named_database import other_database
from sage.config.paths import Paths
from sage.config.timezone import checked_timezone, machine_timezone
from sage.config.values import RefusedValueError
from sage.domain import limits
from sage.domain.answer import Answer
from sage.domain.answer_json import from_json
from sage.domain.confirming import Confirmation
from sage.domain.gathering import ContextAnswer
from sage.domain.listing import (
    ForgottenPage,
    ForgottenRequest,
    ListOrder,
    MemoriesRequest,
    MemoryPage,
    PageRequest,
    Session,
    SessionPage,
    SessionsRequest,
)
from sage.domain.locating import Located
from sage.domain.memories import ForgetReceipt, Memory, MemoryStats, SaveReceipt
from sage.domain.projects import Project, ProjectList, RenameReceipt
from sage.domain.recall_log import GivenPage, GivenRequest, NotUsefulReceipt
from sage.domain.relevance import MinRelevance
from sage.domain.searching import SearchAnswer
from sage.domain.text.wording import one_line
from sage.domain.tidying import TidyPage
from sage.errors import SageError
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime, tzinfo
    from pathlib import Path
    from uuid import UUID

    from sage.domain.confirming import ConfirmRequest
    from sage.domain.listing import PageRequest
    from sage.domain.memories import ForgetRequest, Message
    from sage.domain.projects import RenameRequest
    from sage.domain.recall_log import NotUsefulRequest
    from sage.domain.tidying import TidyRequest


AnswerT = TypeVar("AnswerT", bound=Answer)

_API = "/api/v1"


def find_running(args: Namespace) -> RunningMemories | None:
    """Return the memories of the server that listens on the selected data directory.

    None without one, and for an invalid configuration, whose problems are reported when the
    database is opened. Raises InvalidInputError for an invalid name of a space.
    """
    overrides, paths = overrides_of(args), Paths.of(env_file=args.env_file)
    merged = read_layers(overrides=overrides, paths=paths)
    data_dir, machine = merged.data_dir, machine_timezone()
    if data_dir is None or not all(problem.warning for problem in merged.problems):
        return None
    if not os.path.lexists(socket_path(str(data_dir))):
        return None
    try:
        timezone = checked_timezone(merged.text("SAGE_TIMEZONE", str(machine)))
        least = MinRelevance(merged.text("SAGE_MIN_RELEVANCE", MinRelevance.WEAK))
    except (RefusedValueError, ValueError):
        return None
    return RunningMemories(
        ServerConnection(data_dir, fingerprint(merged, machine)),
        space=checked_option("--space", args.space) or merged.text("SAGE_SPACE", "") or None,
        timezone=timezone,
        data_dir=data_dir,
        least=least,
        other_database=lambda: other_database(merged),
    )


class RunningMemories:
    """The memories of the running server; see `Memories`.

    Each call also raises NotAskedError if the server refuses such calls, and LostAnswerError if it
    stops meanwhile.
    """

    def __init__(  # noqa: PLR0913 - what the configuration says that the server need not tell
        self,
        server: ServerConnection,
        *,
        space: str | None,
        timezone: tzinfo,
        data_dir: Path,
        least: MinRelevance,
        other_database: Callable[[], str],
    ) -> None:
        """`other_database` describes the database if it is not the default one."""
        self._server = server
        self.space = space
        self.timezone = timezone
        self.data_dir = data_dir
        self._least = least
        self._other_database: Callable[[], str] | None = other_database

    def search(self, given: Mapping[str, object]) -> SearchAnswer:
        """Search, with the arguments of search_memory."""
        answer = self._post("/search", given, SearchAnswer)
        least = MinRelevance(str(given.get("min_relevance", self._least)))
        return replace(answer, fits=answer.relevance.reaches(least))

    def context(self, given: Mapping[str, object]) -> ContextAnswer:
        """Gather a context, with the arguments of get_context."""
        return self._post("/context", given, ContextAnswer)

    def stats(self) -> tuple[MemoryStats, str]:
        """Count memories; return also a hint if another model is configured."""
        return self._get("/stats", MemoryStats), self._server.advice

    def list_memories(self, page: MemoriesRequest) -> MemoryPage:
        """List memories, the newest first."""
        return self._get("/memories", MemoryPage, page)

    def list_sessions(self, page: SessionsRequest) -> SessionPage:
        """List sessions, the one with the latest message first."""
        return self._get("/sessions", SessionPage, page)

    def list_forgotten(self, page: ForgottenRequest) -> ForgottenPage:
        """List forgotten memories that can be restored, the last forgotten first."""
        return self._get("/forgotten", ForgottenPage, page)

    def read_memory(self, memory_id: UUID | str) -> Memory:
        """Read a memory by its id or a part of it."""
        return self._get(f"/memories/{memory_id}", Memory)

    def read_session(self, session_id: str, page: PageRequest) -> Session:
        """Read a page of a session by its id or a part of it."""
        return self._get(f"/sessions/{quote(session_id, safe='')}", Session, page)

    def locate(self, given: Mapping[str, object]) -> Located:
        """Return the rank of a memory in a search, with the arguments of that."""
        return self._post("/search/locate", given, Located)

    def correct(self, memory_id: UUID | str, content: str) -> SaveReceipt:
        """Replace the text of a memory, by its id or a part of it."""
        return self._post(f"/memories/{memory_id}/correct", {"content": content}, SaveReceipt)

    def save(
        self,
        given: Mapping[str, object],
        messages: Sequence[Message] | None,
        report: Callable[[SaveReceipt], None],
        console: Console,
    ) -> None:
        """Save, with the arguments of save_conversation; report it, then wait for the vectors."""
        if messages is not None and len(messages) > limits.MAX_MESSAGES_PER_SAVE:
            raise NotAskedError
        body = dict(given)
        if messages is not None:
            body["messages"] = [_as_arguments(message) for message in messages]
        if "session_id" not in body:  # in a session, a repetition is known as one
            body.setdefault("idempotency_key", str(uuid4()))
        try:
            receipt = self._post("/conversations", body, SaveReceipt)
        except LostAnswerError as lost:
            raise _with_key(lost, body.get("idempotency_key")) from None
        report(receipt)
        if receipt.saved:
            self._await_vectors(console)

    def forget(self, request: ForgetRequest) -> ForgetReceipt:
        """Forget memories, or restore them."""
        ids = [*map(str, request.memory_ids), *request.short_ids]
        what = {"session_id": request.session_id} if request.session_id else {"memory_ids": ids}
        return self._post("/forget", {**what, "undo": request.undo}, ForgetReceipt)

    def confirm(self, request: ConfirmRequest) -> Confirmation:
        """Confirm that a memory is still true, or withdraw that."""
        path, ask = f"{_API}/memories/{request.memory_id}/confirm", self._server.post_nothing
        if request.undo:
            ask = self._server.delete
        return self._answer(Confirmation, lambda: ask(path, space=self.space))

    def tidy(self, page: TidyRequest) -> TidyPage:
        """List candidates for forgetting, of one list."""
        return self._get(f"/tidy/{page.kind}", TidyPage, page)

    def list_given(self, page: GivenRequest) -> GivenPage:
        """List recalled memories, the latest first."""
        return self._get("/given", GivenPage, page)

    def mark(self, request: NotUsefulRequest, *, undo: bool) -> NotUsefulReceipt:
        """Mark a memory as not useful on its last recall, or withdraw that."""
        path = f"{_API}/given/latest/not-useful/{request.memory_id}"
        ask = self._server.delete if undo else self._server.post_nothing
        return self._answer(NotUsefulReceipt, lambda: ask(path, space=self.space))

    def list_projects(self) -> ProjectList:
        """List projects, the one with the latest message first."""
        return self._get("/projects", ProjectList)

    def read_project(self, name: str) -> Project:
        """Read a project, by any of its names."""
        return self._get(f"/projects/{quote(name, safe='')}", Project)

    def move_project(self, request: RenameRequest) -> RenameReceipt:
        """Rename a project."""
        body = {"old": request.old, "new": request.new, "dry_run": request.dry_run}
        return self._post("/projects/move", body, RenameReceipt)

    def merge_projects(self, request: RenameRequest) -> RenameReceipt:
        """Merge a project into another one, or separate it again."""
        body = {"old": request.old, "new": request.new, "dry_run": request.dry_run}
        return self._post("/projects/merge", {**body, "undo": request.undo}, RenameReceipt)

    def _await_vectors(self, console: Console) -> None:
        """Wait for vectors while the server runs: what was saved is durable without them."""
        try:
            pending = self._pending()
            with closing(watch_vectors(pending, console)) as watch, suppress(StopIteration):
                pause_s = next(watch)
                while True:
                    time.sleep(pause_s)
                    pause_s = watch.send(self._pending())
        except (NotAskedError, LostAnswerError):
            return

    def _pending(self) -> int:
        return self._get("/stats", MemoryStats).queue.pending

    def _get(self, path: str, kind: type[AnswerT], page: PageRequest | None = None) -> AnswerT:
        asked = _arguments_of(page)
        return self._answer(kind, lambda: self._server.get(_API + path, space=self.space, **asked))

    def _post(self, path: str, given: Mapping[str, object], kind: type[AnswerT]) -> AnswerT:
        body = given if self.space is None else {**given, "space": self.space}
        return self._answer(kind, lambda: self._server.post(_API + path, body))

    def _answer(self, kind: type[AnswerT], ask: Callable[[], dict[str, Any]]) -> AnswerT:
        try:
            answer = ask()
        except SageError:
            self._name_database()
            raise
        self._name_database()
        try:
            return from_json(kind, answer)
        except (KeyError, TypeError, ValueError):
            raise another_release() from None

    def _name_database(self) -> None:
        """Name the database on standard error, once, if it is not the default one."""
        if self._other_database is not None:
            named, self._other_database = self._other_database(), None
            if named:
                Console.of_process(terminal_variables()).note("sage: ", one_line(named))


def _as_arguments(message: Message) -> dict[str, object]:
    when = message.created_at
    fields = {
        "role": str(message.role),
        "content": message.content,
        "name": message.name,
        "created_at": None if when is None else when.isoformat(),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _with_key(lost: LostAnswerError, key: object) -> SageError:
    """Return the error for a save that may or may not have been stored."""
    hint = phrase(
        "repeat the command with --idempotency-key {key}: nothing is stored twice", key=key
    )
    if key is None:
        hint = "repeat the command within ten minutes: nothing is stored twice"
    return SageError(
        phrase("{message}; it is unknown whether the messages were saved", message=lost.message),
        hint=hint,
    )


def _arguments_of(page: PageRequest | None) -> dict[str, object]:
    """Return the parameters of the request for a page, without those that are None."""
    if page is None:
        return {}
    asked: dict[str, object] = {"limit": page.limit, "cursor": page.cursor}
    if isinstance(page, SessionsRequest | ForgottenRequest):
        first, last = SessionsRequest().since, SessionsRequest().until
        asked["from"] = None if page.since == first else page.since.isoformat()
        asked["to"] = None if page.until == last else page.until.isoformat()
    if isinstance(page, ForgottenRequest):
        asked |= {"by": page.by, "session_id": page.session_id}
    if isinstance(page, SessionsRequest):
        asked |= {"project": page.project, "source": page.source, "author": page.author}
    if isinstance(page, GivenRequest):
        asked["session_id"] = page.session_id
    if isinstance(page, MemoriesRequest):
        asked["order"] = page.order if page.order is ListOrder.KEPT else None
        if (filters := page.filters) is not None:
            asked |= {"session_id": filters.session_id, "role": filters.role}
            asked |= {"after": _iso(filters.after), "before": _iso(filters.before)}
            asked["project"] = filters.metadata.get("project")
    return asked


def _iso(when: datetime | None) -> str | None:
    return None if when is None else when.isoformat()
