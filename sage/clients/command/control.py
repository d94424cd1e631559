"""Direct control by users: pause and resume hooks, and forget the current session."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from sage.clients.command.output import say
from sage.clients.command.paths import data_dir
from sage.clients.command.server import recorded_address
from sage.clients.connect.catalog import BY_NAME
from sage.clients.hooks import pausing
from sage.clients.hooks.capture.sessions import resume_capture, stop_capture, this_session
from sage.clients.hooks.clients import source_of
from sage.clients.hooks.server.errors import ServerError
from sage.clients.hooks.server.http_client import post
from sage.domain.text.wording import counted
from sage.errors import InvalidInputError, NotFoundError, StartupError
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.clients.hooks.capture.sessions import ClientSession

_FORGET = "/api/v1/hooks/forget"
_PATIENCE_S = 30.0
_NO_SUCH_ROUTE = 404


def pause(args: Namespace) -> int:
    """Pause the hooks; return 0. Raises SageError, OSError."""
    _require_client()
    say(paused(str(data_dir()), args.time))
    return 0


def resume(_: Namespace) -> int:
    """End the pause; return 0. Raises StartupError, OSError."""
    _require_client()
    say(resumed(str(data_dir())))
    return 0


def forget(args: Namespace) -> int:
    """Forget the session in which this runs, or restore it; return 0."""
    folder = str(data_dir())
    session = session_here(folder, undo=args.undo)
    say(named(session))
    if not args.undo:
        stop_capture(folder, session)
    receipt = _asked(folder, session, undo=args.undo)
    if args.undo:
        resume_capture(folder, session)
        number = counted(receipt["restored"], "message", "messages")
        say(phrase("restored {messages}; new messages are captured again", messages=number))
    else:
        number = counted(receipt["forgotten"], "message", "messages")
        say(forgotten_text(number, "forget --undo"))
    return 0


def paused(data_dir: str, length: str | None) -> str:
    """Pause the hooks of a data directory; return the message to print.

    Raises InvalidInputError for an invalid duration, OSError.
    """
    seconds = None if length is None else pausing.seconds_in(length)
    if length is not None and seconds is None:
        raise InvalidInputError(
            "TIME",
            phrase("{field} is not a duration: {length}", length=repr(length)[:40]),
            hint="pass a duration such as 30m, 2h, 1d or 1w, or omit it",
        )
    state = pausing.state_text(pausing.pause(data_dir, seconds))
    return phrase(
        "hooks are {state}: nothing is captured or recalled, and messages sent during "
        "the pause are not captured later either, unless you `import` the transcripts",
        state=state,
    )


def resumed(data_dir: str) -> str:
    """End the pause of the hooks of a data directory; return the message. Raises OSError.

    It is no error if there is none.
    """
    if pausing.resume(data_dir):
        return phrase("hooks capture and recall again")
    return phrase("hooks are not paused")


def session_here(data_dir: str, *, undo: bool) -> ClientSession:
    """Return the session in which this command runs, or the latest of this directory's project.

    Raises NotFoundError.
    """
    session = this_session(data_dir, str(Path.cwd()), forgotten=undo)
    if session is None:
        raise NotFoundError(
            phrase("no session was forgotten on this machine")
            if undo
            else phrase("no session is known for this directory"),
            hint="run it in the directory in which the client runs",
        )
    return session


def named(session: ClientSession) -> str:
    """Return the description of a session for a person."""
    client = BY_NAME.get(session.client)
    return phrase(
        "the session of {client} in {folder}, last active {when}",
        client=client.title if client else session.client,
        folder=session.folder or "?",
        when=time.strftime("%Y-%m-%d %H:%M", time.localtime(session.at)),
    )


def forgotten_text(messages: str, undo: str) -> str:
    """Return the message that a session was forgotten, with the command that restores it."""
    return phrase(
        "forgot {messages} of it; the rest of it is not captured; to restore it within "
        "30 days: `{undo}`",
        messages=messages,
        undo=undo,
    )


def _require_client() -> None:
    """Raise StartupError if no client is connected whose hooks could be paused."""
    if not recorded_address(data_dir()):
        raise StartupError(
            "no client was connected with this program, so there are no hooks to pause",
            hint="connect first, as in `connect --url https://memory.example.org`; "
            "hooks set up by `sage connect` are paused by `sage pause`",
        )


def _asked(data_dir: str, session: ClientSession, *, undo: bool) -> dict[str, int]:
    client = source_of(session.client)
    asked = {"client": client, "session": session.session, "undo": undo}
    try:
        receipt = post(data_dir, _FORGET, asked, _PATIENCE_S, session.space)
    except ServerError as error:
        hint = (
            "run it again once Sage responds; until then, the rest of the session is not captured"
        )
        if error.status == _NO_SUCH_ROUTE:
            hint = phrase(
                "the server is older than this client: run `sage forget --session "
                "{session}` on the server",
                session=session.session_id,
            )
        raise StartupError(error.strerror or "Sage did not answer", hint=hint) from None
    return {name: int(receipt.get(name) or 0) for name in ("forgotten", "restored")}
