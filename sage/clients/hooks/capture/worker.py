"""Process the spool: read messages, send those not excluded to Sage, and record the position."""

from __future__ import annotations

import os
import signal
import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sage.clients.hooks import look_alike, settings
from sage.clients.hooks.capture import spool, status
from sage.clients.hooks.capture.positions import (
    add_grown,
    open_turn_left_out,
    position_in,
    record_position,
)
from sage.clients.hooks.capture.sessions import is_forgotten
from sage.clients.hooks.clients import source_of
from sage.clients.hooks.ignoring import is_ignored
from sage.clients.hooks.pausing import is_within, paused_until, pauses
from sage.clients.hooks.project import project_of
from sage.clients.hooks.server import backoff
from sage.clients.hooks.server.errors import ServerError
from sage.clients.hooks.server.http_client import post
from sage.clients.hooks.settings import as_captured
from sage.clients.hooks.state_files import LOCK, RECALLED, SESSIONS, lock, state_path
from sage.clients.transcripts.reading import FORMATS, Position, read_turns
from sage.clients.transcripts.times import time_of
from sage.clients.transcripts.turns import Turn, records_of
from sage.phrases import as_phrase, phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_ANSWER_WAIT_S = 2.0
_ENDS_A_TURN = {"stop", "end"}
"""The last answer may reach the transcript after either; the hook of the first may be killed."""
_POLL_S = 0.02
_POST_S = 30.0
_EVENT_S = 60.0
"""The seconds that an event may take until its first, or its next messages are sent."""
_BATCH = 100
_BATCH_BYTES = 400_000
_FORGET_RECALLED_S = 30 * 86_400
"""As long as clients keep the transcripts of sessions, which may be resumed until then."""
_REFUSED_FOR_GOOD = {400, 413, 422}
_CLOSED = {401, 403, 404}


def run(data_dir: str) -> None:
    """Capture all queued events, unless another process does; failed ones wait for the next run."""
    settings.use(data_dir)
    while spool.is_waiting(data_dir):
        held = os.open(state_path(data_dir, LOCK), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            lock(held, at_once=True)
            if not _drain(data_dir):
                break
        except BlockingIOError:
            break
        finally:
            os.close(held)
    _tidy(data_dir)


def _drain(data_dir: str) -> bool:
    """Capture event after event; return whether all succeeded.

    Events for a closed space wait, without delaying others; nor does an event that never finishes.
    After any other failure of the server nothing more is sent.
    """
    all_went_well = True
    closed: set[str] = set()
    for path in spool.waiting(data_dir):
        if not spool.begin(data_dir, path):
            spool.set_aside(data_dir, path)
            continue
        client, space = "unknown", ""
        try:
            with _in_time():
                event = {**spool.read(path), "at": time.time() - spool.age_s(path)}
                client = str(event.get("client") or client)
                space = str(event.get("space") or space)
                if space in closed:
                    spool.forgive(data_dir, path)
                    continue
                _capture(data_dir, client, event, _patience_s(path, event))
                if event.get("event") == "start":
                    add_grown(data_dir, client, str(event.get("transcript") or ""))
        except ServerError as error:
            spool.forgive(data_dir, path)
            reason, unreached = error.strerror or phrase("it failed"), not error.status
            status.record_failure(data_dir, client, space, reason, unreached=unreached)
            backoff.record_failure(data_dir, error)
            all_went_well = False
            if error.status not in _CLOSED:
                break
            closed.add(space)
            continue
        except OSError as error:
            problem = phrase("the transcript: {reason}", reason=error.strerror)
            status.record_failure(data_dir, client, space, problem)
        except _OverdueError:
            problem = phrase(
                "an event cannot be captured: timed out after {seconds:.0f} s",
                seconds=_EVENT_S,
            )
            status.record_failure(data_dir, client, space, problem)
            all_went_well = False
            continue
        except Exception as error:  # noqa: BLE001 - one event holds up no other
            problem = phrase(
                "an event cannot be captured: {kind}: {reason}",
                kind=type(error).__name__,
                reason=error,
            )
            status.record_failure(data_dir, client, space, problem)
            spool.set_aside(data_dir, path)
            continue
        spool.remove(path)
    return all_went_well


class _OverdueError(BaseException):
    """An event takes too long; not caught as any other error."""


@contextmanager
def _in_time() -> Iterator[None]:
    """Raise _OverdueError in the block after a timeout, which its work may restart."""

    def give_up(*_: object) -> None:
        raise _OverdueError

    signal.signal(signal.SIGALRM, give_up)
    _begin_anew()
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _begin_anew() -> None:
    signal.setitimer(signal.ITIMER_REAL, _EVENT_S)


def _patience_s(path: str, event: dict[str, Any]) -> float:
    """Return how many seconds the client may still take to write its answer."""
    return _ANSWER_WAIT_S - spool.age_s(path) if event.get("event") in _ENDS_A_TURN else 0.0


def _capture(data_dir: str, client: str, event: dict[str, Any], patience_s: float) -> None:
    """Send the messages of one event. Raises ServerError, OSError, ValueError."""
    if event.get("unread"):
        raise ValueError(event["unread"])
    transcript, space = str(event.get("transcript") or ""), str(event.get("space") or "")
    open_turn = open_turn_left_out(data_dir, transcript, space)
    exclusions = _Exclusions(data_dir, client, event, open_turn)
    _send_said(data_dir, client, event, patience_s, exclusions)
    if not exclusions.covers_all:
        look_alike.report(data_dir, space, project_of(str(event.get("cwd") or "")))


def _send_said(
    data_dir: str, client: str, event: dict[str, Any], patience_s: float, exclusions: _Exclusions
) -> None:
    """Send messages that are not excluded. Raises ServerError, OSError."""
    metadata: dict[str, object] = {}
    if project := project_of(str(event.get("cwd") or "")):
        metadata = {"project": project, "project_name": Path(project).name}
    path = str(event.get("transcript") or "")
    space = str(event.get("space") or "")
    source = source_of(client)
    if source not in FORMATS or not path or event.get("messages"):
        _send(data_dir, client, space, exclusions.kept(_turns_of(event)), metadata)
        return
    began = position_in(data_dir, path, space)
    turns, end = _await_answer(Path(path), source, began, event, patience_s)
    if not turns and not Path(path).exists():
        turns = _turns_of(event)
    if event.get("event") == "stop":
        turns = [replace(turn, is_unfinished=False) for turn in turns]
    _send(data_dir, client, space, exclusions.kept(turns), metadata)
    record_position(data_dir, event, end, exclusions.prompts)
    if end.too_long:
        problem = phrase("a message was skipped: a line of {path} is longer than 16 MB", path=path)
        status.record_failure(data_dir, client, space, problem)


def _await_answer(
    path: Path, source: str, began: Position, event: dict[str, Any], patience_s: float
) -> tuple[list[Turn], Position]:
    """Read the new turns; the last answer may be written a moment after the event."""
    answer, session = str(event.get("answer") or ""), str(event.get("session") or "")
    deadline = time.monotonic() + min(patience_s, _ANSWER_WAIT_S)
    while True:
        turns: list[Turn] = []
        end = began
        with suppress(FileNotFoundError):
            turns, end = read_turns(path, source, began, session)
        said = [turn.text for turn in turns if turn.role == "assistant"]
        there = bool(turns) and turns[-1].role == "assistant" and (not answer or answer in said[-1])
        is_over = event.get("event") == "end" and not turns
        is_complete = is_over and not end.unanswered  # by the event of the last answer
        if there or is_complete or time.monotonic() >= deadline:
            return turns, end
        time.sleep(_POLL_S)


def _turns_of(event: dict[str, Any]) -> list[Turn]:
    """Return the messages in the event itself, for clients without transcripts."""
    session = str(event.get("session") or "")
    turns = [
        _turn_of(one, session)
        for one in event.get("messages") or ()
        if one.get("id") and one.get("text") and one.get("role") in {"user", "assistant"}
    ]
    if not turns and event.get("answer") and event.get("turn"):
        turns = [Turn(f"{event['turn']}:assistant", session, "assistant", str(event["answer"]))]
    return turns


def _turn_of(one: dict[str, Any], session: str) -> Turn:
    replaces = one.get("replaces")
    return Turn(
        str(one["id"]),
        session,
        str(one["role"]),
        str(one["text"]),
        str(one.get("at") or ""),
        turn=str(one.get("turn") or ""),
        replaces=tuple((str(key), 1) for key in replaces) if isinstance(replaces, list) else (),
    )


def _send(
    data_dir: str,
    client: str,
    space: str,
    turns: Sequence[Turn],
    metadata: dict[str, object],
) -> None:
    source = source_of(client)
    said = (replace(turn, text=as_captured(turn.text)) for turn in turns)
    records = [one for turn in said for one in records_of(source, turn, metadata)]
    for batch in _batches(records):
        _send_batch(data_dir, client, space, batch)


def _send_batch(data_dir: str, client: str, space: str, batch: list[dict[str, object]]) -> None:
    """Send messages; if Sage permanently refuses one of them, send the others separately."""
    _begin_anew()
    try:
        sent = {"client": client, "memories": batch}
        answer = post(data_dir, "/api/v1/hooks/capture", sent, _POST_S, space)
    except ServerError as error:
        if error.status not in _REFUSED_FOR_GOOD:
            raise
        if len(batch) == 1:
            problem = phrase(
                "a message was refused: {reason}", reason=as_phrase(error.strerror or "")
            )
            status.record_failure(data_dir, client, space, problem)
        else:
            for record in batch:
                _send_batch(data_dir, client, space, [record])
        return
    added = answer.get("added")
    if type(added) is not int:  # True is an int, too
        raise ServerError("the answer is not Sage's")
    backoff.record_reachable(data_dir)
    status.record_capture(data_dir, client, space, added)


def _batches(records: Sequence[dict[str, object]]) -> Iterator[list[dict[str, object]]]:
    batch: list[dict[str, object]] = []
    size = 0
    for record in records:
        length = 4 * len(str(record["content"]))
        if batch and (len(batch) == _BATCH or size + length > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(record)
        size += length
    if batch:
        yield batch


def _tidy(data_dir: str) -> None:
    """Remove the records of sessions that ended long ago."""
    for folder in (RECALLED, SESSIONS):
        with suppress(OSError):
            for entry in os.scandir(state_path(data_dir, folder)):
                if time.time() - entry.stat().st_mtime > _FORGET_RECALLED_S:
                    os.unlink(entry.path)


class _Exclusions:
    """The excluded messages of an event: in a pause, in ignored folders, or forgotten.

    `prompts` are the keys of excluded prompts, whose answers are excluded, too. `whole`: everything
    is excluded.
    """

    def __init__(self, data_dir: str, client: str, event: dict[str, Any], open_turn: str) -> None:
        """Read the pauses; `open_turn` is the prompt of an open turn, if it was excluded."""
        self._pauses = pauses(data_dir)
        self._event_at = float(event.get("at") or 0)
        self._is_paused = bool(paused_until(data_dir))
        self.whole = (
            bool(event.get("ignored"))
            or is_ignored(str(event.get("cwd") or ""))
            or is_forgotten(data_dir, client, str(event.get("session") or ""))
        )
        self.prompts = {open_turn} - {""}

    @property
    def covers_all(self) -> bool:
        """Whether nothing may be sent now, not even the identity of a project."""
        return self.whole or self._is_paused

    def kept(self, turns: Iterable[Turn]) -> list[Turn]:
        """Return the turns that are not excluded."""
        kept = []
        for turn in turns:
            if self._is_kept(turn):
                kept.append(turn)
            elif turn.role == "user":
                self.prompts.add(turn.key)
        return kept

    def _is_kept(self, turn: Turn) -> bool:
        if self.whole or turn.turn in self.prompts or is_ignored(turn.cwd):
            return False
        said_at = time_of(turn.said_at)
        at = self._event_at if said_at is None else said_at.timestamp()
        return not is_within(self._pauses, at)
