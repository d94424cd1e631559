"""The page of each client: how to connect it, what hooks do there, and its entry by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sage.clients.connect.catalog import CLIENTS
from sage.clients.connect.edits import ConfigEntry
from sage.clients.connect.server import Server

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sage.clients.connect.catalog import Client

_SAGE = Server("http://127.0.0.1:17800/mcp", False, ("/path/to/sage/.venv/bin/sage", "mcp"), ())  # noqa: FBT003


def client_pages(texts: Mapping[str, str]) -> dict[str, str]:
    """Return the page of each client by its name, in the language of the texts."""
    return {client.name: _page(client, texts) for client in CLIENTS if client.name != "generic"}


def _page(client: Client, texts: Mapping[str, str]) -> str:
    hooks = " --hooks" if client.hooks else ""
    facts = {
        "title": client.title,
        "name": client.name,
        "file": f"~/{client.file}",
        "hooks_file": f"~/{client.hooks.file}" if client.hooks else "",
        "words": f"{client.name}{hooks}",
        "entry": _entry(client),
    }
    parts = ["title", "write" if client.file else "print"]
    parts.append("capture" if client.hooks else "no_hooks")
    if client.hooks and client.name in {"cursor", "vscode", "windsurf"}:
        parts.append("recall_by_tools" if client.name == "windsurf" else "recall_at_the_start")
    if client.name == "codex":
        parts.append("trust")
    if client.file and (not client.stdio or client.hooks):
        parts.append("elsewhere")
    parts.append("by_hand" if client.file else "by_paste")
    parts += ["works" if client.hooks else "works_by_tools", "remove"]
    return "\n".join(texts[part].strip("\n").format_map(facts) + "\n" for part in parts)


def _entry(client: Client) -> str:
    (edit, *_) = client.mcp(_SAGE, client.stdio)
    if not isinstance(edit, ConfigEntry):
        lines = (f"{name} = {json.dumps(value)}" for name, value in edit.values)
        return "\n".join(["```toml", f"[{edit.name}]", *lines, "```"])
    value = edit.value
    for name in reversed(edit.path):
        value = {name: value}
    return f"```json\n{json.dumps(value, indent=2)}\n```"
