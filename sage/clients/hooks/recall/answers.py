"""Recall memories for a client: at the start of a session, before a prompt, and before an edit."""

from __future__ import annotations

import json
import signal
import time

from sage.clients.hooks import look_alike
from sage.clients.hooks.clients import hook_client, source_of
from sage.clients.hooks.pausing import paused_until, state_text
from sage.clients.hooks.project import project_of
from sage.clients.hooks.recall import notices, session_context
from sage.clients.hooks.server import backoff
from sage.clients.hooks.server.errors import OUTAGES, SLOW, ServerError, UnansweredError
from sage.clients.hooks.server.http_client import post
from sage.clients.hooks.settings import language
from sage.clients.hooks.state_files import is_elsewhere
from sage.phrases import as_phrase, joined, phrase
from sage.phrases.language import said

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from typing import Any

    from sage.clients.hooks.payload import Payload

_HANDLE_S = 0.1
"""The part of a hook's time that remains for handling the answer, or its absence."""
_AROUND_S = 0.2
"""The part of it that the server does not have: what a hook does before and after the request."""
_MIN_SHARE = 0.25
"""The share of its time that the server must have had for a missing answer to count as a
failure."""
_MAX_CHARS = 9_000
_MAX_QUERY_CHARS = 800
_MIN_WORDS = 3
_MIN_WIDE_CHARS = 4
_FIRST_WIDE = "\u2e80"
_UNKNOWN_TO_IT = 422
_OPEN, _CLOSE = "<sage-recall>", "</sage-recall>"
_TO_ASK = "For the user, who decides; run nothing unasked: {}"

_EVENT_NAMES = {"start": "SessionStart", "prompt": "UserPromptSubmit", "edit": "PreToolUse"}


def open_session(data_dir: str, payload: Payload, longest_s: float | None = None) -> bytes:
    """Return the context of the project, and a warning if the last session was not captured.

    A resumed session already has that in its context; some clients accept it only with the first
    prompt. The server has `longest_s` seconds to answer, or as long as a hook may take.
    """
    if hook_client(payload.client).opens_at_prompt:
        session_context.begin_at_first_prompt(data_dir, payload)
        return b""
    text, warning, offer = "", "", ""
    if session_context.begin(data_dir, payload):
        if backoff.is_backing_off(data_dir):
            warning = notices.of_failure(data_dir, None, own=1)
        else:
            try:
                text, offer = _start(data_dir, payload, longest_s or _patience_s(data_dir))
            except ServerError as error:
                warning = notices.of_failure(data_dir, error, own=1)
    warning = warning or notices.not_kept(data_dir, payload.client)
    warning = notices.once(data_dir, payload, warning)
    if offer:
        notice = phrase("Sage: {offer}", offer=as_phrase(offer))
        warning = joined("\n", filter(None, (warning, notice)))
    return _answer(payload, text, warning)


def open_in_silence(data_dir: str, payload: Payload) -> bytes:
    """Begin a session without recall; return a notice if hooks are paused."""
    session_context.begin(data_dir, payload)
    end = paused_until(data_dir)
    if not end or not hook_client(payload.client).shows_messages:
        return b""
    line = phrase("Sage is {state}: it captures and recalls nothing", state=state_text(end))
    return _answer(payload, "", line)


def answer_prompt(data_dir: str, payload: Payload, longest_s: float | None = None) -> bytes:
    """Return memories that answer the prompt, empty if none does. Raises ServerError.

    For some clients the context of the session comes first, with the first prompt that is answered.
    Nothing is searched if the client would not show it, nor while Sage is not called after
    failures. The server has `longest_s` seconds to answer, or as long as a hook may take.
    """
    client = hook_client(payload.client)
    if not client.takes_at_prompt:
        return b""
    from sage.clients.transcripts.cleaning import spoken  # noqa: PLC0415 - most starts need no patterns

    query = spoken(payload.prompt)[:_MAX_QUERY_CHARS]
    asks = _says_enough(query) and not query.startswith("/")
    begins = client.opens_at_prompt and not session_context.has_begun(data_dir, payload)
    if not (asks or begins) or backoff.is_backing_off(data_dir):
        return b""
    patience_s = longest_s or _patience_s(data_dir)
    text = ""
    if begins:
        text, _ = _start(data_dir, payload, patience_s)
        session_context.add(data_dir, payload, [])
    if asks:
        try:
            text = _lines(text, _ask(data_dir, payload, query, patience_s))
        except ServerError:
            if not text:
                raise
    return _answer(payload, text, "")


def report_failure(data_dir: str, payload: Payload, error: ServerError) -> bytes:
    """Return the notice about a prompt that a remote Sage did not answer.

    A single failure may be over at the next prompt.
    """
    may_be_over = error.kind in OUTAGES and not backoff.is_backing_off(data_dir)
    if may_be_over or not is_elsewhere(data_dir):
        return b""
    return _answer(
        payload, "", notices.once(data_dir, payload, notices.of_failure(data_dir, error))
    )


def answer_edit(data_dir: str, payload: Payload, longest_s: float | None = None) -> bytes:
    """Return statements about the file or the command that is about to be used.

    A session asks once about each, and only if one can be named. An older server refuses it, which
    is no failure. Raises ServerError.
    """
    from sage.clients.hooks.recall.tool_input import file_and_commands  # noqa: PLC0415 - most hooks need no patterns

    file, commands = file_and_commands(payload)
    asked = session_context.context_of(data_dir, payload).things
    file = file if file not in asked else ""
    commands = [one for one in commands if one not in asked]
    if not (file or commands) or backoff.is_backing_off(data_dir):
        return b""
    things = {"file": file, "commands": commands}
    try:
        text = _ask(data_dir, payload, "", longest_s or _patience_s(data_dir), things)
    except ServerError as error:
        if error.status == _UNKNOWN_TO_IT:
            return b""
        raise
    return _answer(payload, text, "")


def _start(data_dir: str, payload: Payload, patience_s: float) -> tuple[str, str]:
    """Return the context of the project, and an offer for the user. Raises ServerError.

    If the client shows the user nothing, the offer is part of the context.
    """
    text = _ask(data_dir, payload, "", patience_s)
    offer = look_alike.offer(data_dir, payload, _deadline_s(patience_s))
    if offer and not hook_client(payload.client).shows_messages:
        return _lines(text, f"{_OPEN}\n{_TO_ASK.format(offer)}\n{_CLOSE}"), ""
    return text, offer


def _lines(*texts: str) -> str:
    return "\n".join(filter(None, texts))


def _ask(
    data_dir: str,
    payload: Payload,
    query: str,
    longest_s: float,
    things: dict[str, Any] | None = None,
) -> str:
    known = session_context.context_of(data_dir, payload)
    asked = {
        "event": payload.event,
        "client": source_of(payload.client),
        "session": payload.session,
        "forked_from": known.sessions,
        "project": project_of(payload.cwd),
        "query": query,
        "known": known.memory_ids,
        **(things or {}),
    }
    began, deadline_s = time.monotonic(), _deadline_s(longest_s)
    try:
        answer = post(data_dir, "/api/v1/hooks/recall", asked, deadline_s, payload.space)
    except ServerError as error:
        if deadline_s >= longest_s * _MIN_SHARE or not isinstance(error, UnansweredError):
            backoff.record_failure(data_dir, error)
            if error.kind == SLOW:
                backoff.record_time(data_dir, time.monotonic() - began)
        raise
    backoff.record_time(data_dir, time.monotonic() - began)
    text, found = answer.get("text"), answer.get("memory_ids")
    if not isinstance(text, str) or not isinstance(found, list) or not _is_fenced(text):
        raise ServerError("the answer is not Sage's")
    backoff.record_answer(data_dir)
    if found or things:
        names = (things["file"], *things["commands"]) if things else ()
        session_context.add(data_dir, payload, [*map(str, found)], tuple(filter(None, names)))
    return text if len(text) <= _MAX_CHARS else ""  # cut off, it would be an open fence


def _patience_s(data_dir: str) -> float:
    """Return how long the server may take, and extend the deadline of the hook to that."""
    limit_s, left_s = backoff.limit_s(data_dir), signal.getitimer(signal.ITIMER_REAL)[0]
    if left_s:
        signal.setitimer(signal.ITIMER_REAL, left_s + limit_s - backoff.MIN_S)
    return limit_s - _AROUND_S


def _deadline_s(longest_s: float) -> float:
    """Return how many seconds to wait for an answer, leaving time to record a failure."""
    left_s = signal.getitimer(signal.ITIMER_REAL)[0]
    return min(longest_s, left_s - _HANDLE_S) if left_s else longest_s


def _is_fenced(text: str) -> bool:
    """Return whether a text is exactly one block of Sage, or empty."""
    if not text:
        return True
    inside = text[len(_OPEN) : -len(_CLOSE)]
    bare = "".join(inside.casefold().split())
    is_whole = text == f"{_OPEN}{inside}{_CLOSE}"
    return is_whole and not any(mark in bare for mark in ("<sage-recall", "</sage-recall"))


def _answer(payload: Payload, text: str, warning: str) -> bytes:
    """Return an answer in the only form that the client accepts."""
    answer: dict[str, object] = {}
    client = hook_client(payload.client)
    if text and client.answer_key:
        answer[client.answer_key] = text
    elif text:
        answer["hookSpecificOutput"] = {
            "hookEventName": client.event_names.get(payload.event) or _EVENT_NAMES[payload.event],
            "additionalContext": text,
        }
    if warning:
        answer["systemMessage"] = said(warning, language())
    return json.dumps(answer).encode() if answer else b""


def _says_enough(query: str) -> bool:
    wide = sum(char >= _FIRST_WIDE for char in query)
    return wide >= _MIN_WIDE_CHARS or len(query.split()) >= _MIN_WORDS
