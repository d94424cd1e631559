"""The entry of an MCP server in the configuration of each client, and links that add one.

Tokens are referred to by name, never written.
"""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote

from sage.clients.connect.edits import ConfigEntry, TomlTable
from sage.clients.connect.server import TOKEN_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.clients.connect.server import Server

NAME = "sage"

_SHELL = f"${{{TOKEN_VARIABLE}}}"
_EDITOR = f"${{env:{TOKEN_VARIABLE}}}"
_INPUT = "sage-token"


def _servers(value: dict[str, object], member: str = "mcpServers") -> list[ConfigEntry | TomlTable]:
    return [ConfigEntry((member, NAME), value)]


def claude_code(server: Server, stdio: bool) -> list[ConfigEntry | TomlTable]:  # noqa: FBT001
    """Return the server for Claude Code."""
    if stdio:
        return _servers({"type": "stdio", **server.stdio(env={})})
    return _servers({"type": "http", "url": server.url, **server.headers(_SHELL)})


def codex(server: Server, stdio: bool) -> list[ConfigEntry | TomlTable]:  # noqa: FBT001
    """Return the server for Codex, the only client that reads TOML."""
    if stdio:
        values: list[tuple[str, object]] = [*server.stdio().items()]
    else:
        values = [("url", server.url)]
        if server.needs_token:
            values.append(("bearer_token_env_var", TOKEN_VARIABLE))
    return [TomlTable(f"mcp_servers.{NAME}", tuple(values))]


def editor(server: Server, stdio: bool) -> list[ConfigEntry | TomlTable]:  # noqa: FBT001
    """Return the server for Cursor and for clients whose format is not known."""
    if stdio:
        return _servers({**server.stdio()})
    return _servers({"url": server.url, **server.headers(_EDITOR)})


def vscode(server: Server, stdio: bool) -> list[ConfigEntry | TomlTable]:  # noqa: FBT001
    """Return the server for VS Code, which asks for the token and stores it itself."""
    if stdio:
        return _servers({"type": "stdio", **server.stdio()}, "servers")
    reference = f"${{input:{_INPUT}}}"
    value = {"type": "http", "url": server.url, **server.headers(reference)}
    question = {
        "type": "promptString",
        "id": _INPUT,
        "description": "Token of Sage",
        "password": True,
    }
    asks: list[ConfigEntry | TomlTable] = [ConfigEntry(("inputs",), question, in_list=True)]
    return [*_servers(value, "servers"), *(asks if server.needs_token else ())]


def copilot(server: Server, stdio: bool) -> list[ConfigEntry | TomlTable]:  # noqa: FBT001
    """Return the server for Copilot CLI."""
    if stdio:
        return _servers({"type": "local", **server.stdio(), "tools": ["*"]})
    http = {"type": "http", "url": server.url, **server.headers(_SHELL)}
    return _servers({**http, "tools": ["*"]})


def gemini_cli(server: Server, stdio: bool) -> list[ConfigEntry | TomlTable]:  # noqa: FBT001
    """Return the server for Gemini CLI and Qwen Code."""
    if stdio:
        return _servers({**server.stdio()})
    return _servers({"httpUrl": server.url, **server.headers(_SHELL)})


def opencode(server: Server, stdio: bool) -> list[ConfigEntry | TomlTable]:  # noqa: FBT001
    """Return the server for opencode."""
    if stdio:
        return _servers({"type": "local", "command": [*server.command]}, "mcp")
    headers = server.headers(f"{{env:{TOKEN_VARIABLE}}}")
    return _servers({"type": "remote", "url": server.url, "oauth": False, **headers}, "mcp")


def windsurf(server: Server, stdio: bool) -> list[ConfigEntry | TomlTable]:  # noqa: FBT001
    """Return the server for Windsurf."""
    if stdio:
        return _servers({**server.stdio()})
    return _servers({"serverUrl": server.url, **server.headers(_EDITOR)})


def cherry_studio(server: Server, stdio: bool) -> list[ConfigEntry | TomlTable]:  # noqa: FBT001
    """Return the server for Cherry Studio, which supports no reference to a token."""
    if stdio:
        return _servers({"type": "stdio", **server.stdio()})
    headers = server.headers(f"<{TOKEN_VARIABLE}>")
    return _servers({"type": "streamableHttp", "baseUrl": server.url, **headers})


def zed(server: Server, stdio: bool) -> list[ConfigEntry | TomlTable]:  # noqa: FBT001
    """Return the server for Zed."""
    value = server.stdio(env={}) if stdio else {"url": server.url, **server.headers(_SHELL)}
    return _servers({**value}, "context_servers")


def cursor_link(edits: Sequence[ConfigEntry | TomlTable]) -> str:
    """Return the link for Cursor, which decodes the server from Base64.

    Source: Cursor's documentation, MCP install links.
    """
    server, _ = _server_and_inputs(edits)
    config = quote(b64encode(_compact(server).encode()).decode(), safe="")
    return f"cursor://anysphere.cursor-deeplink/mcp/install?name={NAME}&config={config}"


def vscode_link(edits: Sequence[ConfigEntry | TomlTable]) -> str:
    """Return the link for VS Code, with the name, the inputs and the server in one object.

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
