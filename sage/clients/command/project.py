"""`sage-client.pyz project merge`: merge the project of a directory into another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.clients.command.output import say
from sage.clients.command.paths import data_dir
from sage.clients.command.server import recorded_address
from sage.clients.hooks.project import project_if_folder
from sage.clients.hooks.server.errors import RefusedError, ServerError
from sage.clients.hooks.server.http_client import post
from sage.domain.text.wording import counted
from sage.errors import StartupError
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace

_ROUTE = "/api/v1/hooks/merge"
_PATIENCE_S = 30.0


def merge(args: Namespace) -> int:
    """Merge a project into another one, or undo that; return the exit code."""
    folder = data_dir()
    if not recorded_address(folder):
        raise StartupError("no client is connected", hint="connect one: connect CLIENT --url URL")
    old, new = (project_if_folder(name) or name for name in (args.old, args.new))
    try:
        body = {"old": old, "new": new, "undo": args.undo}
        answer = post(str(folder), _ROUTE, body, _PATIENCE_S, "")
    except ServerError as error:
        why = error.detail if isinstance(error, RefusedError) else error.strerror
        raise StartupError(
            phrase("the projects were not changed: {reason}", reason=why),
            hint=phrase(
                "on the machine that runs Sage: `sage project merge {old} {new}`", old=old, new=new
            ),
        ) from None
    memories = counted(int(answer.get("memories", 0)), "memory", "memories")
    if not answer.get("changed"):
        text = phrase("{old} already belongs to {new}", old=old, new=new)
    else:
        text = phrase(
            "{old} is a project of its own again, with {memories}"
            if args.undo
            else "{old} now belongs to {new}, with {memories}",
            old=old,
            new=new,
            memories=memories,
        )
    say(text)
    return 0
