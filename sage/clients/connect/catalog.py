"""The clients that Sage can connect, in the order in which they are listed."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.clients.connect import hook_entries, mcp_entries

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sage.clients.connect.edits import ConfigEntry, OwnFile, TomlTable
    from sage.clients.connect.server import Server

IS_MAC = sys.platform == "darwin"


@dataclass(frozen=True, slots=True)
class Hooks:
    """The file from which a client reads hooks, and their entries.

    `before_edits` returns those for the use of files and commands, if the client has such.
    """

    file: str
    edits: Callable[[Server], Sequence[ConfigEntry | OwnFile]]
    strict: bool = True
    project_file: str = ""
    before_edits: Callable[[Server], Sequence[ConfigEntry]] | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """A client: how it is detected, and where its configuration is.

    Files of the user are relative to the home directory, unless a variable moves them; those of a
    project to its folder. `folders` and `programs` exist if the client is installed. `strict` files
    are JSON without comments. Without `file` there is nothing to write. `link` returns the link
    that adds Sage without the file.
    """

    name: str
    title: str
    file: str
    mcp: Callable[[Server, bool], list[ConfigEntry | TomlTable]]
    project_file: str = ""
    folders: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    strict: bool = False
    stdio: bool = False
    hooks: Hooks | None = None
    link: Callable[[Sequence[ConfigEntry | TomlTable]], str] | None = None
    then: str = ""
    hooks_then: str = ""


def _application_data(name: str) -> str:
    return f"Library/Application Support/{name}" if IS_MAC else f".config/{name}"


_CODE = _application_data("Code/User")
_DESKTOP = _application_data("Claude")
_TRAE = _application_data("Trae")
_RESTART = "restart it, so that it reads the file"

CLIENTS = (
    Client(
        "claude-code",
        "Claude Code",
        ".claude.json",
        mcp_entries.claude_code,
        project_file=".mcp.json",
        folders=(".claude",),
        programs=("claude",),
        strict=True,
        hooks=Hooks(
            ".claude/settings.json",
            hook_entries.claude_code,
            project_file=".claude/settings.local.json",
            before_edits=hook_entries.claude_code_edits,
        ),
    ),
    Client(
        "codex",
        "Codex",
        ".codex/config.toml",
        mcp_entries.codex,
        project_file=".codex/config.toml",
        folders=(".codex",),
        programs=("codex",),
        hooks=Hooks(
            ".codex/hooks.json",
            hook_entries.codex,
            project_file=".codex/hooks.json",
            before_edits=hook_entries.codex_edits,
        ),
        hooks_then="start `codex` once and choose to trust the hooks: until then it "
        "runs no hooks, and `codex exec` does not mention it",
    ),
    Client(
        "cursor",
        "Cursor",
        ".cursor/mcp.json",
        mcp_entries.editor,
        project_file=".cursor/mcp.json",
        folders=(".cursor",),
        programs=("cursor", "cursor-agent"),
        link=mcp_entries.cursor_link,
        hooks=Hooks(
            ".cursor/hooks.json",
            hook_entries.cursor,
            strict=False,
            project_file=".cursor/hooks.json",
        ),
        hooks_then="it only accepts memories at the start of a session, not before a prompt",
    ),
    Client(
        "vscode",
        "VS Code",
        f"{_CODE}/mcp.json",
        mcp_entries.vscode,
        project_file=".vscode/mcp.json",
        folders=(_CODE,),
        programs=("code",),
        link=mcp_entries.vscode_link,
        hooks=Hooks(".copilot/hooks/sage.json", hook_entries.copilot),
        hooks_then="it only accepts memories at the start of a session, not before a prompt",
    ),
    Client(
        "copilot",
        "Copilot CLI",
        ".copilot/mcp-config.json",
        mcp_entries.copilot,
        folders=(".copilot",),
        programs=("copilot",),
        hooks=Hooks(".copilot/hooks/sage.json", hook_entries.copilot),
    ),
    Client(
        "claude-desktop",
        "Claude Desktop",
        f"{_DESKTOP}/claude_desktop_config.json",
        mcp_entries.editor,
        folders=(_DESKTOP,),
        strict=True,
        stdio=True,
        then=_RESTART,
    ),
    Client(
        "gemini-cli",
        "Gemini CLI",
        ".gemini/settings.json",
        mcp_entries.gemini_cli,
        project_file=".gemini/settings.json",
        folders=(".gemini",),
        programs=("gemini",),
        hooks=Hooks(
            ".gemini/settings.json",
            hook_entries.gemini_cli,
            strict=False,
            project_file=".gemini/settings.json",
            before_edits=hook_entries.gemini_cli_edits,
        ),
    ),
    Client(
        "opencode",
        "opencode",
        ".config/opencode/opencode.json",
        mcp_entries.opencode,
        project_file="opencode.json",
        folders=(".config/opencode",),
        programs=("opencode",),
        hooks=Hooks(
            ".config/opencode/plugin/sage.js",
            hook_entries.opencode,
            project_file=".opencode/plugin/sage.js",
        ),
    ),
    Client(
        "qwen-code",
        "Qwen Code",
        ".qwen/settings.json",
        mcp_entries.gemini_cli,
        project_file=".qwen/settings.json",
        folders=(".qwen",),
        programs=("qwen",),
        hooks=Hooks(
            ".qwen/settings.json",
            hook_entries.qwen_code,
            strict=False,
            project_file=".qwen/settings.json",
        ),
    ),
    Client(
        "windsurf",
        "Windsurf",
        ".codeium/windsurf/mcp_config.json",
        mcp_entries.windsurf,
        folders=(".codeium/windsurf",),
        programs=("windsurf",),
        hooks=Hooks(
            ".codeium/windsurf/hooks.json",
            hook_entries.windsurf,
            project_file=".windsurf/hooks.json",
        ),
        hooks_then="it accepts no memories from hooks, and finds them with the MCP tools",
    ),
    Client(
        "cherry-studio",
        "Cherry Studio",
        "",
        mcp_entries.cherry_studio,
        folders=(_application_data("CherryStudio"),),
    ),
    Client(
        "trae",
        "Trae",
        f"{_TRAE}/User/mcp.json",
        mcp_entries.editor,
        project_file=".trae/mcp.json",
        folders=(_TRAE,),
        programs=("trae",),
        stdio=True,
    ),
    Client(
        "zed",
        "Zed",
        ".config/zed/settings.json",
        mcp_entries.zed,
        project_file=".zed/settings.json",
        folders=(".config/zed",),
        programs=("zed",),
        stdio=True,
    ),
    Client("generic", "another client", "", mcp_entries.editor),
)

BY_NAME = {client.name: client for client in CLIENTS}

TAKE_COMMANDS_ALONE = {"claude-desktop"}
"""Clients whose files name local programs, and no addresses."""
