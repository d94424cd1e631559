"""Report to the client what Sage remembers: at the start of a session, and before a prompt."""

import json
import signal
import time

from sage.clients.hooks import backoff, look_alike, spool, told
from sage.clients.hooks.http_client import ServerError, UnansweredError, post
from sage.clients.hooks.pausing import paused_until, state_text
from sage.clients.hooks.payload import WRITES_AS, Payload
from sage.clients.hooks.places import place, read_json, write_json
from sage.clients.hooks.project import project_of
from sage.clients.hooks.status import last_trouble

LONGEST_S = 0.8
_HANDLE_S = 0.1
"""How much of a hook's second is left for what it does with the answer, or without one."""
_MAX_CHARS = 9_000
_MAX_QUERY_CHARS = 800
_MIN_WORDS = 3
_MIN_WIDE_CHARS = 4
_FIRST_WIDE = "\u2e80"
_WARN_EVERY_S = 86_400
_OPEN, _CLOSE = "<sage-recall>", "</sage-recall>"
_WAITS = "What is said waits, and is kept once Sage answers."
_TO_ASK = "For the user, who decides; run nothing unasked: {}"

_EVENT_NAMES = {"start": "SessionStart", "prompt": "UserPromptSubmit"}
_OWN_EVENT_NAMES = {"gemini-cli": {"prompt": "BeforeAgent"}}
_FLAT = {"copilot", "opencode"}
_NOT_BEFORE_A_PROMPT = {"cursor", "vscode", "windsurf"}
_SHOW_MESSAGES = {"claude-code", "codex"}
_NO_CONTEXT = {"cursor": "additional_context"}


def open_session(data_dir: str, payload: Payload, longest_s: float = LONGEST_S) -> bytes:
    """Return what the project was about, and a warning if the last session was not kept.

    A session that goes on where another was has all that in its context. The server has
    `longest_s` to answer.
    """
    text, warning, offer = "", "", ""
    if told.begin(data_dir, payload):
        try:
            text = _ask(data_dir, payload, "", longest_s)
            offer = look_alike.offer(data_dir, payload, _deadline_s(longest_s))
        except ServerError as error:
            warning = f"Sage recalls nothing here: {error.strerror}. {_WAITS}"
    warning = warning or _not_kept(data_dir, payload)
    warning = _once_a_day(data_dir, payload, warning)
    if offer and payload.client in _SHOW_MESSAGES:
        warning = "\n".join(filter(None, (warning, f"Sage: {offer}")))
    elif offer:
        text = "\n".join(filter(None, (text, f"{_OPEN}\n{_TO_ASK.format(offer)}\n{_CLOSE}")))
    return _answer(payload, text, warning)


def open_in_silence(data_dir: str, payload: Payload) -> bytes:
    """Begin a session that is told nothing; return that hooks are paused, if they are."""
    told.begin(data_dir, payload)
    end = paused_until(data_dir)
    if not end or payload.client not in _SHOW_MESSAGES:
        return b""
    from sage.phrases import phrase  # noqa: PLC0415 - slow to import, and seldom needed

    line = phrase("Sage is {state}: it keeps and recalls nothing", state=state_text(end))
    return _answer(payload, "", line)


def answer_prompt(data_dir: str, payload: Payload, longest_s: float = LONGEST_S) -> bytes:
    """Return memories that answer the prompt, nothing where none does. Raises ServerError.

    Nothing is searched for where the client would not show it, nor while Sage does not answer. The
    server has `longest_s` to answer.
    """
    if payload.client in _NOT_BEFORE_A_PROMPT:
        return b""
    from sage.clients.transcripts.cleaning import spoken  # noqa: PLC0415 - most starts need no patterns

    query = spoken(payload.prompt)[:_MAX_QUERY_CHARS]
    if query.startswith("/") or not _says_enough(query) or backoff.is_left_alone(data_dir):
        return b""
    try:
        return _answer(payload, _ask(data_dir, payload, query, longest_s), "")
    except UnansweredError:
        backoff.record_silence(data_dir)
        raise


def _ask(data_dir: str, payload: Payload, query: str, longest_s: float) -> str:
    known = told.in_context(data_dir, payload)
    asked = {
        "event": payload.event,
        "client": WRITES_AS.get(payload.client, payload.client),
        "session": payload.session,
        "forked_from": known.sessions,
        "project": project_of(payload.cwd),
        "query": query,
        "known": known.memory_ids,
    }
    answer = post(data_dir, "/api/v1/hooks/recall", asked, _deadline_s(longest_s), payload.space)
    text, found = answer.get("text"), answer.get("memory_ids")
    if not isinstance(text, str) or not isinstance(found, list) or not _is_fenced(text):
        raise ServerError("the answer is not Sage's")
    backoff.record_answer(data_dir)
    if found:
        told.add(data_dir, payload, [*map(str, found)])
    return text if len(text) <= _MAX_CHARS else ""  # cut off, it would be an open fence


def _not_kept(data_dir: str, payload: Payload) -> str:
    """Return what is to be said of the last session while Sage answers, empty if it was kept."""
    trouble, unreached_at = last_trouble(data_dir, payload.client)
    if not trouble or not unreached_at:
        return trouble and f"Sage has not kept the last session: {trouble}"
    others = len(spool.waiting(data_dir)) - 1  # what starts now waits, too
    when = time.strftime("%H:%M", time.localtime(unreached_at))
    events = "1 event waits and is" if others == 1 else f"{others} events wait and are"
    return f"Sage was not reachable at {when}; {events} sent now" if others > 0 else ""


def _deadline_s(longest_s: float) -> float:
    """Return how long to wait for an answer, so that there is time left to note that none came."""
    left_s = signal.getitimer(signal.ITIMER_REAL)[0]
    return min(longest_s, left_s - _HANDLE_S) if left_s else longest_s


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
