"""Find data to import on this machine, and send it to the connected Sage.

Memories are sent in pieces, each acknowledged with the number stored. Memories that exist already
are skipped, so that an interrupted import is resumed by running it again.
"""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import uuid4

from sage.clients.command.server import NOT_PROVED, hint_for
from sage.clients.connect.server import MACHINE_MARK
from sage.clients.hooks.server.errors import ServerError, UnprovenError
from sage.clients.hooks.server.http_client import exchange
from sage.clients.importing.selection import EVERYTHING
from sage.clients.importing.sources import sources_here
from sage.errors import StartupError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Future
    from uuid import UUID

    from sage.clients.importing.selection import Selection
    from sage.clients.importing.source import Source
    from sage.domain.transfer import TransferredMemory

_ROUTE = "/api/v1/imports"
_PIECE_BYTES = 900_000
"""Proxies accept a megabyte at once by default."""
_PIECE_LINES = 2_000
_PATIENCE_S = 120.0
_FIRST_REST_S = 1.0
_RESTS = 6
_OK = 200
_UNAUTHORIZED, _FORBIDDEN, _INVALID, _CROWDED = 401, 403, 422, 429
_NO_ROUTE = {404, 405}
_TRANSIENT = {0, _CROWDED, 408, 502, 503, 504}
_NO_ROUTE_TYPES = {"urn:sage:problem:no-route", "urn:sage:problem:method"}


@dataclass(frozen=True, slots=True)
class LocalSource:
    """The data of one program on this machine: numbers of sessions, and of messages to import."""

    source: Source
    sessions: int
    messages: int


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """The outcome of a source: how many messages are new at the server, and how many existed."""

    added: int = 0
    there: int = 0
    differing: int = 0

    def __add__(self, other: ImportOutcome) -> ImportOutcome:
        """Return the sum of both."""
        return ImportOutcome(
            self.added + other.added,
            self.there + other.there,
            self.differing + other.differing,
        )


class StoppedImportError(StartupError):
    """An import could not continue; `kept` of its memories are stored."""

    def __init__(self, error: StartupError, kept: int, import_id: str) -> None:
        hint: str = error.hint
        if kept:
            hint = phrase(
                "{hint}; {kept:,} messages were imported: run it again to continue, or "
                "undo them with `import --undo {import_id}`",
                hint=error.hint,
                kept=kept,
                import_id=short_id(import_id),
            )
        super().__init__(error.message, hint=hint)


def local_sources(selection: Selection = EVERYTHING, home: Path | None = None) -> list[LocalSource]:
    """Return the sources in the usual places of this machine, read and counted."""
    return [as_local_source(one) for one in sources_here(home or Path.home(), selection).sources]


def as_local_source(source: Source) -> LocalSource:
    """Read a source and return the numbers of its contents."""
    sessions, messages = set(), 0
    for memory in source.memories():
        sessions.add(memory.session_id)
        messages += 1
    return LocalSource(source, len(sessions), messages)


def short_id(import_id: str) -> str:
    """Return the last digits of an import's id, by which it can be undone."""
    return import_id.replace("-", "")[-8:]


class Importer:
    """An import into the Sage that `data_dir` has recorded, at `url`.

    `note` is called with a line about each wait.
    """

    def __init__(
        self,
        data_dir: Path,
        url: str,
        *,
        space: str | None = None,
        token: str = "",
        note: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.import_id = str(uuid4())
        self.kept = 0
        self._data_dir = str(data_dir)
        self._url = url
        self._space = {} if space is None else {"space": space}
        self._is_machine = token.startswith(MACHINE_MARK)
        self._note = note
        self._mostly_there = True

    def send(
        self,
        memories: Iterable[TransferredMemory],
        advance: Callable[[int], None] = lambda _: None,
        *,
        dry_run: bool = False,
    ) -> ImportOutcome:
        """Send memories, and return the outcome.

        After each piece `advance` receives its message count. A dry run asks which ids are new.
        While a piece is sent the next one is read. Raises StoppedImportError.
        """
        done = ImportOutcome()
        with ThreadPoolExecutor(1) as sending:
            ahead: Future[ImportOutcome] | None = None
            for piece in _pieces(memories):
                if ahead is not None:
                    done += _answered(ahead, advance)
                ahead = sending.submit(self._count if dry_run else self._keep, piece)
            if ahead is not None:
                done += _answered(ahead, advance)
        return done

    def new_among(self, ids: Sequence[UUID]) -> set[UUID]:
        """Return the ids that belong to no stored memory, halving the query where some exist.

        Raises StartupError.
        """
        if not ids:
            return set()
        half = len(ids) // 2
        if len(ids) <= _PIECE_LINES:
            lines = b"".join(map(_id_line, ids))
            added = self._call("POST", _ROUTE, lines, dry_run="true")["added"]
            if added in {0, len(ids)}:
                return {*ids} if added else set()
        return self.new_among(ids[:half]) | self.new_among(ids[half:])

    def listed(self) -> list[dict[str, Any]]:
        """Return the imports that this token may undo, the latest first. Raises StartupError."""
        return list(self._call("GET", _ROUTE)["imports"])

    def undo(self, import_id: str, advance: Callable[[int], None]) -> int:
        """Undo an import, part by part; return how many memories were deleted.

        Raises StartupError.
        """
        undone, left = 0, 1
        while left:
            answer = self._call("DELETE", f"{_ROUTE}/{import_id}")
            undone, left = undone + answer["undone"], answer["left"]
            advance(answer["undone"])
        return undone

    def _count(self, piece: _UploadPart) -> ImportOutcome:
        answer = self._call("POST", _ROUTE, piece.ids, dry_run="true")
        return ImportOutcome(answer["added"], answer["there"])

    def _keep(self, piece: _UploadPart) -> ImportOutcome:
        """Send a piece; if the last one existed already, first ask whether this one does, too."""
        try:
            if self._mostly_there and not piece.replaces:
                counted = self._count(piece)
                if not counted.added:
                    return counted
            answer = self._call("POST", _ROUTE, piece.lines, import_id=self.import_id)
        except StartupError as error:
            raise StoppedImportError(error, self.kept, self.import_id) from None
        kept = ImportOutcome(answer["added"], answer["there"], answer["differing"])
        self.kept += kept.added
        self._mostly_there = kept.there >= kept.added
        return kept

    def _call(self, method: str, path: str, lines: bytes = b"", **params: str) -> Mapping[str, Any]:
        """Return the response of Sage, retrying where that may help. Raises StartupError."""
        query = urlencode({**self._space, **params})
        rest_s = _FIRST_REST_S
        for rests_left in range(_RESTS, -1, -1):
            status, document, why, hint = 0, dict[str, Any](), "", hint_for(None)
            try:
                status, document = exchange(
                    self._data_dir, method, f"{path}?{query}".rstrip("?"), lines, _PATIENCE_S
                )
            except UnprovenError as error:
                why = phrase("{url}: {why}", url=self._url, why=error.strerror)
                raise StartupError(why, hint=NOT_PROVED) from None
            except ServerError as error:
                status, why, hint = error.status, error.strerror or "", hint_for(error)
            if status == _OK:
                return document
            why = why or str(document.get("detail", ""))
            if status not in _TRANSIENT or not rests_left or not (self.kept or document):
                break
            self._note(phrase("waiting: {why}", why=why))
            time.sleep(rest_s)
            rest_s *= 2
        raise self._refusal(status, document, why, hint)

    def _refusal(
        self, status: int, document: Mapping[str, Any], why: str, hint: str
    ) -> StartupError:
        hint = str(document.get("hint", "")) or hint
        if status in _NO_ROUTE and document.get("type") in _NO_ROUTE_TYPES:
            return StartupError(
                phrase("the server at {url} is older than this client", url=self._url),
                hint="upgrade it, or run `sage import` on the server",
            )
        if status == _FORBIDDEN and self._is_machine:
            why = phrase("{why}, or the server is older than this client", why=why)
            hint = "upgrade the server, or use a token with the role writer"
        if status == _UNAUTHORIZED:
            why = phrase("the server does not accept the token")
            hint = "request a new one, created with `sage token create --machine NAME`"
        return StartupError(phrase("{url}: {why}", url=self._url, why=why), hint=hint)


def _answered(ahead: Future[ImportOutcome], advance: Callable[[int], None]) -> ImportOutcome:
    done = ahead.result()
    advance(done.added + done.there)
    return done


@dataclass(frozen=True, slots=True)
class _UploadPart:
    """Memories as they are sent, or only their ids; some may replace others."""

    lines: bytes
    ids: bytes
    replaces: bool


def _pieces(memories: Iterable[TransferredMemory]) -> Iterator[_UploadPart]:
    lines, ids, replaces, size = list[bytes](), list[bytes](), False, 0
    for memory in memories:
        line = json.dumps(memory.to_json(), ensure_ascii=False).encode() + b"\n"
        if lines and (size + len(line) > _PIECE_BYTES or len(lines) >= _PIECE_LINES):
            yield _UploadPart(b"".join(lines), b"".join(ids), replaces)
            lines, ids, replaces, size = [], [], False, 0
        lines.append(line)
        ids.append(_id_line(memory.memory_id))
        replaces = replaces or bool(memory.replaces)
        size += len(line)
    if lines:
        yield _UploadPart(b"".join(lines), b"".join(ids), replaces)


def _id_line(memory_id: UUID) -> bytes:
    return f'{{"memory_id":"{memory_id}"}}\n'.encode()
