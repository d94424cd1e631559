"""How each client is told of Sage: what to type, or what to write where."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from sage.terminal.console import Style

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sage.clients.server import Server
    from sage.terminal.console import Console

_PLACEHOLDER = "<SAGE_TOKEN>"


def write_clients(console: Console, server: Server, token: str | None) -> None:
    """Write a line to copy for each client; lines to be copied are never wrapped.

    The token stands in them on a terminal only: what is piped may be kept in a log.
    """
    shown = token if token is None or console.out.isatty() else _PLACEHOLDER
    console.write(("Connect", Style.BOLD))
    for client, line in clients(server, shown).items():
        console.write("  ", (client, Style.NAME))
        console.write_text(f"    {line}\n")


def clients(server: Server, token: str | None) -> dict[str, str]:
    """Return for each client, with the file it reads, the line to run or to write there."""
    url = server.url
    claude = f"claude mcp add --scope user --transport http sage {url}"
    codex = f"codex mcp add sage --url {url}"
    cursor: dict[str, object] = {"url": url}
    if token is not None:
        authorization = f"Bearer {token}"
        claude += f" --header {shlex.quote(f'Authorization: {authorization}')}"
        codex = f"export SAGE_TOKEN={shlex.quote(token)}; {codex} --bearer-token-env-var SAGE_TOKEN"
        cursor["headers"] = {"Authorization": authorization}
    kept = "" if token is None else " (keep the export in your shell's profile)"
    return {
        "Claude Code": claude,
        f"Codex{kept}": codex,
        "Cursor, in ~/.cursor/mcp.json": _entry(cursor),
        "Claude Desktop, in claude_desktop_config.json": _entry(server.stdio()),
    }


def _entry(server: Mapping[str, object]) -> str:
    return json.dumps({"mcpServers": {"sage": server}}, ensure_ascii=False)
