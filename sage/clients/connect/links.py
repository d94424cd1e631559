"""Links that add Sage to an editor when they are opened. They hold a reference, never a token."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote

from sage.clients.connect.edits import ConfigEntry
from sage.clients.connect.mcp_entries import NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.clients.connect.edits import TomlTable


def cursor(edits: Sequence[ConfigEntry | TomlTable]) -> str:
    """Return the link for Cursor, which reads the server in Base64.

    Source: Cursor's documentation, MCP install links.
    """
    server, _ = _server_and_inputs(edits)
    config = quote(b64encode(_compact(server).encode()).decode(), safe="")
    return f"cursor://anysphere.cursor-deeplink/mcp/install?name={NAME}&config={config}"


def vscode(edits: Sequence[ConfigEntry | TomlTable]) -> str:
    """Return the link for VS Code, which reads the name, what it asks for and the server as one.

    Source: VS Code's McpWorkbenchService.handleMcpInstallUri.
    """
    server, inputs = _server_and_inputs(edits)
    asks = {"inputs": inputs} if inputs else {}
    return f"vscode:mcp/install?{quote(_compact({'name': NAME, **asks, **server}), safe='')}"


def _server_and_inputs(
    edits: Sequence[ConfigEntry | TomlTable],
) -> tuple[dict[str, object], list[object]]:
    entries = [edit for edit in edits if isinstance(edit, ConfigEntry)]
    (server,) = (entry.value for entry in entries if entry.path[-1] == NAME)
    return dict(server), [entry.value for entry in entries if entry.in_list]  # type: ignore[call-overload]


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
