"""Report to the client what Sage remembers: at the start of a session, and before a prompt."""

import json
import time

from sage.hooks.http_client import ServerError, post
from sage.hooks.payload import Payload
from sage.hooks.places import RECALLED, place, read_json, write_json
from sage.hooks.project import project_of
from sage.hooks.status import last_trouble

_DEADLINE_S = 0.8
_MAX_CHARS = 9_000
_MAX_QUERY_CHARS = 800
_MAX_NAME_CHARS = 60
_MIN_WORDS = 3
_MIN_WIDE_CHARS = 4
_FIRST_WIDE = "\u2e80"
_WARN_EVERY_S = 86_400
_OPEN, _CLOSE = "<sage-recall>", "</sage-recall>"

_EVENT_NAMES = {"start": "SessionStart", "prompt": "UserPromptSubmit"}
_OWN_EVENT_NAMES = {"gemini-cli": {"prompt": "BeforeAgent"}}
_FLAT = {"copilot", "opencode"}
_NOT_BEFORE_A_PROMPT = {"cursor", "vscode", "windsurf"}
_SHOW_MESSAGES = {"claude-code", "codex"}
_NO_CONTEXT = {"cursor": "additional_context"}


def open_session(data_dir: str, payload: Payload) -> bytes:
    """Return what the project was about, and a warning if the last session was not kept."""
    _remember(data_dir, payload, [])
    warning = ""
    try:
        text = _ask(data_dir, payload, "", [])
    except ServerError as error:
        text, warning = "", f"Sage remembers nothing in this session: {error.strerror}"
    if not warning and (trouble := last_trouble(data_dir, payload.client)):
        warning = f"Sage has not kept the last session: {trouble}"
    return _answer(payload, text, _once_a_day(data_dir, payload, warning))


def answer_prompt(data_dir: str, payload: Payload) -> bytes:
    """Return memories that answer the prompt, nothing where none does. Raises ServerError.

    Nothing is searched for where the client would not show it.
    """
    if payload.client in _NOT_BEFORE_A_PROMPT:
        return b""
    from sage.transcripts.cleaning import spoken  # noqa: PLC0415 - most starts need no patterns

    query = spoken(payload.prompt)[:_MAX_QUERY_CHARS]
    if query.startswith("/") or not _says_enough(query):
        return b""
    return _answer(payload, _ask(data_dir, payload, query, _recalled(data_dir, payload)), "")


def _ask(data_dir: str, payload: Payload, query: str, known: list[str]) -> str:
    asked = {
        "event": payload.event,
        "client": payload.client,
        "session": payload.session,
        "project": project_of(payload.cwd),
        "query": query,
        "known": known,
    }
    told = post(data_dir, "/api/v1/hooks/recall", asked, _DEADLINE_S, payload.space)
    text, found = told.get("text"), told.get("memory_ids")
    if not isinstance(text, str) or not isinstance(found, list) or not _is_fenced(text):
        raise ServerError("the answer is not Sage's")
    if found:
        _remember(data_dir, payload, [*known, *map(str, found)])
    return text if len(text) <= _MAX_CHARS else ""  # cut off, it would be an open fence


def _is_fenced(text: str) -> bool:
    """Return whether a text is one whole block of Sage and nothing else, or empty."""
    if not text:
        return True
    inside = text[len(_OPEN) : -len(_CLOSE)]
    bare = "".join(inside.casefold().split())
    is_whole = text == f"{_OPEN}{inside}{_CLOSE}"
    return is_whole and not any(mark in bare for mark in ("<sage-recall", "</sage-recall"))


def _answer(payload: Payload, text: str, warning: str) -> bytes:
    """Write an answer in the one form that the client accepts."""
    answer: dict[str, object] = {}
    if text and payload.client in _FLAT:
        answer["additionalContext"] = text
    elif text and payload.client in _NO_CONTEXT:
        answer[_NO_CONTEXT[payload.client]] = text
    elif text:
        names = _EVENT_NAMES | _OWN_EVENT_NAMES.get(payload.client, {})
        answer["hookSpecificOutput"] = {
            "hookEventName": names[payload.event],
            "additionalContext": text,
        }
    if warning:
        answer["systemMessage"] = warning
    return json.dumps(answer).encode() if answer else b""


def _says_enough(query: str) -> bool:
    wide = sum(char >= _FIRST_WIDE for char in query)
    return wide >= _MIN_WIDE_CHARS or len(query.split()) >= _MIN_WORDS


def _recalled(data_dir: str, payload: Payload) -> list[str]:
    """Return the memories that this session was told of already."""
    return [str(one) for one in read_json(_list_of(data_dir, payload)).get("memory_ids", ())]


def _remember(data_dir: str, payload: Payload, memory_ids: list[str]) -> None:
    write_json(_list_of(data_dir, payload), {"memory_ids": memory_ids[-500:]})


def _list_of(data_dir: str, payload: Payload) -> str:
    name = f"{payload.client}-{payload.session}"[:_MAX_NAME_CHARS]
    safe = "".join(char if char.isalnum() or char == "-" else "_" for char in name)
    return place(data_dir, RECALLED, f"{safe}.json")


def _once_a_day(data_dir: str, payload: Payload, warning: str) -> str:
    """Return a warning that the client shows, unless it showed the same one within a day."""
    if not warning or payload.client not in _SHOW_MESSAGES:
        return ""
    path = place(data_dir, "warned.json")
    warned, now = read_json(path), time.time()
    shown = {
        one: at
        for one, at in warned.get(payload.client, {}).items()
        if isinstance(at, float) and now - at < _WARN_EVERY_S
    }
    if warning in shown:
        return ""
    write_json(path, warned | {payload.client: {**shown, warning: now}})
    return warning
