"""How to connect each AI client to this Sage, as `sage connect` and the single-file client do."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sage.clients.connect.catalog import CLIENTS, TAKE_COMMANDS_ALONE
from sage.clients.connect.changes import written_alone
from sage.clients.connect.edits import TomlTable
from sage.clients.connect.installation import ConnectOptions
from sage.clients.connect.server import MCP_PATH, Server
from sage.clients.connect.texts import needs_export
from sage.clients.hooks.launcher import launcher_path
from sage.domain.connectable import ClientList, ConfigFormat, ConnectableClient

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sage.clients.connect.catalog import Client

_CLIENT_FILE = "sage-client.pyz"


def list_clients(
    address: str,
    data_dir: Path | None,
    seen: Mapping[str, datetime],
    *,
    needs_token: bool,
    program: str = "sage",
) -> ClientList:
    """Return how to connect each client to the Sage at an address.

    With its `data_dir`, the program that starts Sage is named by its path on this machine, else as
    `sage`. Commands to type begin with `program`.
    """
    url = f"{address.rstrip('/')}{MCP_PATH}"
    words: tuple[str, ...] = ("sage", "mcp")
    hook = "sage-hook"
    if data_dir is not None:
        words = (script_beside(), "mcp", "--data-dir", str(data_dir))
        hook = str(launcher_path(data_dir))
    server = Server(url, needs_token, words, (hook,))
    return ClientList(
        mcp_url=url,
        token_required=needs_token,
        client_file=f"{address.rstrip('/')}/client/{_CLIENT_FILE}",
        clients=tuple(
            _connectable(client, server, program, address.rstrip("/"), seen.get(client.name))
            for client in CLIENTS
        ),
    )


def script_beside() -> str:
    """Return the path of the program `sage` of this Python installation."""
    return str(Path(sys.executable).parent / "sage")


def _connectable(
    client: Client, server: Server, program: str, address: str, seen_at: datetime | None
) -> ConnectableClient:
    edits = client.mcp(server, client.stdio)
    options = ConnectOptions(server, Path.home(), stdio=client.stdio)
    written, hooks = bool(client.file), bool(client.file and client.hooks)
    here = (program, "connect", client.name)
    elsewhere = ("python3", _CLIENT_FILE, "connect", client.name, "--url", address)
    reaches = written and client.name not in TAKE_COMMANDS_ALONE
    by_http = client.mcp(server, False)  # noqa: FBT003 - as the catalogue has it
    return ConnectableClient(
        name=client.name,
        title=client.title,
        file=f"~/{client.file}" if written else "",
        project_file=client.project_file,
        format=ConfigFormat.TOML if isinstance(edits[0], TomlTable) else ConfigFormat.JSON,
        entry=written_alone(edits, strict=client.strict),
        entry_elsewhere=written_alone(by_http, strict=client.strict)
        if client.name not in TAKE_COMMANDS_ALONE
        else None,
        starts_sage=client.stdio,
        link=None if client.link is None or client.stdio else client.link(edits),
        command=shlex.join((*here, "--write")) if written else None,
        hook_command=shlex.join((*here, "--hooks", "--write")) if hooks else None,
        command_elsewhere=shlex.join((*elsewhere, "--write")) if reaches else None,
        hook_command_elsewhere=shlex.join((*elsewhere, "--hooks", "--write"))
        if reaches and hooks
        else None,
        export=server.export if needs_export(client, options) else None,
        steps=tuple(filter(None, (client.then, client.hooks_then))),
        last_heard_at=seen_at,
    )
