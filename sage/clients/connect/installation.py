"""The installed clients of this machine, and the files of each."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sage.clients.connect.changes import ConfigTarget
from sage.clients.homes import client_path
from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.clients.connect.catalog import Client, Hooks
    from sage.clients.connect.changes import Edit
    from sage.clients.connect.server import Server


def is_installed(client: Client, home: Path) -> bool:
    """Return whether a client is installed: its program, its file, or its folder exists."""
    if client.file and client_path(home, client.file).is_file():
        return True
    return any(client_path(home, folder).is_dir() for folder in client.folders) or any(
        map(shutil.which, client.programs)
    )


@dataclass(frozen=True, slots=True)
class ConnectOptions:
    """The options of a connection: MCP over HTTP or `stdio`, with or without hooks.

    With `edits` there is also a hook for the use of files and commands. The files are those of the
    user with that `home`, or those of a `project`. Without `tools` only hooks are connected.
    """

    server: Server
    home: Path
    project: Path | None = None
    stdio: bool = False
    hooks: bool = False
    tools: bool = True
    edits: bool = False


def targets_of(client: Client, options: ConnectOptions) -> list[ConfigTarget]:
    """Return the files to change for a client.

    Raises InvalidInputError if it has no such file.
    """
    if options.project is not None and not client.project_file:
        raise InvalidInputError(
            "--scope",
            phrase("{field}: {client} has no project configuration", client=client.title),
            hint="omit it",
        )
    path = _place(options, client.file, client.project_file)
    edits: list[Edit] = [*client.mcp(options.server, options.stdio)] if options.tools else []
    if not options.hooks:
        return [ConfigTarget(path, tuple(edits), client.strict)]
    hook_path, hook_edits, strict = _hooks_of(client, options)
    if not options.tools:
        return [ConfigTarget(hook_path, tuple(hook_edits), strict)]
    if hook_path == path:
        return [ConfigTarget(path, (*edits, *hook_edits), client.strict)]
    return [
        ConfigTarget(path, tuple(edits), client.strict),
        ConfigTarget(hook_path, tuple(hook_edits), strict),
    ]


def require_hooks(client: Client, options: ConnectOptions) -> Hooks:
    """Return the hook file of a client. Raises InvalidInputError if it runs no hooks there."""
    if client.hooks is None or (options.project and not client.hooks.project_file):
        runs_none = phrase(
            "{field} is not possible: {client} does not support project hooks"
            if client.hooks
            else "{field} is not possible: {client} does not support hooks",
            client=client.title,
        )
        raise InvalidInputError(
            "--hooks",
            runs_none
            if client.folders
            else ("{field} is only for clients that Sage supports by name"),
            hint="omit it; the MCP tools work without it",
        )
    return client.hooks


def _hooks_of(client: Client, options: ConnectOptions) -> tuple[Path, Sequence[Edit], bool]:
    hooks = require_hooks(client, options)
    path = _place(options, hooks.file, hooks.project_file)
    edits: list[Edit] = [*hooks.edits(options.server)]
    if options.edits and hooks.before_edits is None:
        raise InvalidInputError(
            "--hooks edits",
            phrase(
                "{field} is not possible: {client} accepts no text at that point",
                client=client.title,
            ),
            hint="pass --hooks alone; Claude Code, Codex and Gemini CLI have it",
        )
    if options.edits and hooks.before_edits is not None:
        edits += hooks.before_edits(options.server)
    return path, edits, hooks.strict


def _place(options: ConnectOptions, file: str, project_file: str) -> Path:
    """Return the path of a user's file, or of one in a project, which is not trusted.

    Raises InvalidInputError if a link of the project leads out of it.
    """
    if options.project is None:
        return client_path(options.home, file)
    path = options.project / project_file
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(options.project)):
        raise InvalidInputError(
            str(path),
            "{field} is a link to a file outside of the project",
            hint="nothing was written; replace the link with a file in the project",
        )
    return path
