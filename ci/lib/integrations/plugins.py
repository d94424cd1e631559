"""What the plugins hold: the servers and hooks of `sage connect`, for any machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import sage
from sage.clients.connect import hook_entries, mcp_entries
from sage.clients.connect.edits import ConfigEntry, TomlTable
from sage.clients.connect.server import TOKEN_VARIABLE, Server

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Files = dict[str, "str | Mapping[str, object]"]

VERSION = sage.__version__.replace(".dev", "-dev")  # plugins have semantic versions
ABOUT = {
    "name": "sage",
    "version": VERSION,
    "description": "Memory on your own machine: keeps conversations and recalls what fits",
}
AUTHOR = {"author": {"name": "Sage"}, "license": "MIT"}
_MARKETPLACE = "sage-memory"
_URL = "http://127.0.0.1:17800/mcp"
_HOOK = "HOOK"
_SCRIPT = (Path(__file__).with_name("sage-hook.sh")).read_text(encoding="utf-8")


def claude_code() -> Files:
    """Return the plugin of Claude Code, and the marketplace that offers it."""
    server = _server(url=f"${{SAGE_URL:-{_URL}}}", needs_token=True)
    mcp = _with_default(_mcp(mcp_entries.claude_code(server, False)))  # noqa: FBT003 - HTTP
    return {
        ".claude-plugin/marketplace.json": {
            "name": _MARKETPLACE,
            "owner": {"name": "Sage"},
            "metadata": {"description": "The memory of an AI assistant, over MCP"},
            "plugins": [
                {
                    "name": "sage",
                    "source": "./integrations/claude-code",
                    "description": ABOUT["description"],
                }
            ],
        },
        "integrations/claude-code/.claude-plugin/plugin.json": {**ABOUT, **AUTHOR},
        "integrations/claude-code/.mcp.json": mcp,
        **_hooks(
            "claude-code",
            hook_entries.claude_code(server),
            root="${CLAUDE_PLUGIN_ROOT}",
            settings="${CLAUDE_CONFIG_DIR:-$HOME/.claude}/settings.json",
        ),
    }


def codex() -> Files:
    """Return the plugin of Codex, and the marketplace that offers it.

    It names no token: Codex refuses a server whose token is not in the environment.
    """
    server = _server(url=_URL, needs_token=False)
    return {
        ".agents/plugins/marketplace.json": {
            "name": _MARKETPLACE,
            "interface": {"displayName": "Sage"},
            "plugins": [
                {
                    "name": "sage",
                    "source": {"source": "local", "path": "./integrations/codex"},
                    "policy": {"installation": "AVAILABLE", "authentication": "ON_INSTALL"},
                    "category": "Productivity",
                }
            ],
        },
        "integrations/codex/.codex-plugin/plugin.json": {
            **ABOUT,
            **AUTHOR,
            "mcpServers": "./.mcp.json",
            "hooks": "./hooks/hooks.json",
        },
        "integrations/codex/.mcp.json": _mcp(mcp_entries.codex(server, False)),  # noqa: FBT003 - HTTP
        **_hooks(
            "codex",
            hook_entries.codex(server),
            root="${PLUGIN_ROOT}",
            settings="${CODEX_HOME:-$HOME/.codex}/hooks.json",
        ),
    }


def gemini_cli() -> Files:
    """Return the extension of Gemini CLI."""
    server = _server(url=_URL, needs_token=True)
    return {
        "integrations/gemini-cli/gemini-extension.json": {
            **ABOUT,
            **_mcp(mcp_entries.gemini_cli(server, False)),  # noqa: FBT003 - HTTP
            "settings": [
                {
                    "name": "Token",
                    "description": "Only if your Sage requires one",
                    "envVar": TOKEN_VARIABLE,
                    "sensitive": True,
                }
            ],
        },
        **_hooks(
            "gemini-cli",
            hook_entries.gemini_cli(server),
            root="${extensionPath}",
            settings="${GEMINI_CLI_HOME:-$HOME}/.gemini/settings.json",
        ),
    }


def _server(*, url: str, needs_token: bool) -> Server:
    return Server(url, needs_token, (), (_HOOK,))


def _mcp(edits: Sequence[ConfigEntry | TomlTable]) -> dict[str, object]:
    (edit,) = edits
    value = edit.value if isinstance(edit, ConfigEntry) else dict(edit.values)
    return {"mcpServers": {mcp_entries.NAME: value}}


def _with_default(mcp: Mapping[str, object]) -> dict[str, object]:
    """Return it with an empty token where there is none, which Claude Code would complain about."""
    text = json.dumps(mcp).replace(f"${{{TOKEN_VARIABLE}}}", f"${{{TOKEN_VARIABLE}:-}}")
    return dict(json.loads(text))


def _hooks(name: str, entries: Sequence[ConfigEntry], *, root: str, settings: str) -> Files:
    """Return the hooks, and the script that they call beside them."""
    hooks = {entry.path[-1]: [entry.value] for entry in entries}
    script = json.dumps(f'"{root}/hooks/sage-hook"')[1:-1]
    text = json.dumps({"hooks": hooks}).replace(f'"{_HOOK} ', f'"{script} ')
    return {
        f"integrations/{name}/hooks/hooks.json": dict(json.loads(text)),
        f"integrations/{name}/hooks/sage-hook": _SCRIPT.replace("CLIENT", name).replace(
            "SETTINGS", settings
        ),
    }
