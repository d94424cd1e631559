"""The hooks of each client: its events, and the form of their entries."""

from __future__ import annotations

import json
import shlex
from importlib.resources import files
from typing import TYPE_CHECKING

from sage.clients.connect.edits import ConfigEntry, OwnFile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sage.clients.connect.server import Server

_TIMEOUT_S = 5
_CLAUDE_EVENTS = {
    "SessionStart": "start",
    "UserPromptSubmit": "prompt",
    "Stop": "stop",
    "SessionEnd": "end",
}
_CODEX_END_S = 3
"""The maximum time Codex allows its last hook."""


def hook_command(server: Server, event: str, client: str) -> str:
    """Return the command of a hook, quoted for a shell. It must never change: it is trusted."""
    space = f" --space {shlex.quote(server.space)}" if server.space else ""
    return f"{shlex.join(server.hook)} {event} --client {client}{space}"


def claude_code(server: Server) -> list[ConfigEntry]:
    """Return the hooks of Claude Code."""
    return _nested(server, "claude-code", _CLAUDE_EVENTS)


def codex(server: Server) -> list[ConfigEntry]:
    """Return the hooks of Codex."""
    return _nested(server, "codex", _CLAUDE_EVENTS, {"SessionEnd": _CODEX_END_S})


def qwen_code(server: Server) -> list[ConfigEntry]:
    """Return the hooks of Qwen Code."""
    return _nested(server, "qwen-code", _CLAUDE_EVENTS)


def gemini_cli(server: Server) -> list[ConfigEntry]:
    """Return the hooks of Gemini CLI, whose timeouts are in milliseconds.

    There is none for compression, which happens at every turn.
    """
    events = {
        "SessionStart": "start",
        "BeforeAgent": "prompt",
        "AfterAgent": "stop",
        "SessionEnd": "end",
    }
    return [
        ConfigEntry(
            ("hooks", name),
            {
                "hooks": [
                    {
                        "type": "command",
                        "name": "sage",
                        "command": hook_command(server, event, "gemini-cli"),
                        "timeout": _TIMEOUT_S * 1000,
                    }
                ]
            },
            in_list=True,
        )
        for name, event in events.items()
    ]


def claude_code_edits(server: Server) -> list[ConfigEntry]:
    """Return the hook that Claude Code calls before it changes a file or runs a command."""
    matcher = "Edit|MultiEdit|Write|NotebookEdit|Bash"
    return [_matching(server, "claude-code", "PreToolUse", matcher)]


def codex_edits(server: Server) -> list[ConfigEntry]:
    """Return the hook that Codex calls before it changes a file or runs a command."""
    return [_matching(server, "codex", "PreToolUse", "Bash|apply_patch|Edit|Write")]


def gemini_cli_edits(server: Server) -> list[ConfigEntry]:
    """Return the hook that Gemini CLI calls after such a tool: before it, output is ignored."""
    matcher = "run_shell_command|write_file|replace"
    return [_matching(server, "gemini-cli", "AfterTool", matcher, timeout=_TIMEOUT_S * 1000)]


def cursor(server: Server) -> list[ConfigEntry]:
    """Return the hooks of Cursor, which has no transcripts: events contain the text."""
    events = {
        "sessionStart": "start",
        "beforeSubmitPrompt": "prompt",
        "afterAgentResponse": "stop",
        "sessionEnd": "end",
    }
    hooks = [
        ConfigEntry(
            ("hooks", name),
            {"command": hook_command(server, event, "cursor"), "timeout": _TIMEOUT_S},
            in_list=True,
        )
        for name, event in events.items()
    ]
    return [ConfigEntry(("version",), 1), *hooks]


def windsurf(server: Server) -> list[ConfigEntry]:
    """Return the hooks of Windsurf, which ignores their output: they only capture."""
    events = {"pre_user_prompt": "prompt", "post_cascade_response": "stop"}
    return [
        ConfigEntry(
            ("hooks", name), {"command": hook_command(server, event, "windsurf")}, in_list=True
        )
        for name, event in events.items()
    ]


def copilot(server: Server) -> list[OwnFile]:
    """Return the hooks of Copilot CLI and VS Code, which read a directory of files."""
    hooks = {
        entry.path[1]: [entry.value]
        for entry in _nested(
            server,
            "copilot",
            _CLAUDE_EVENTS,
        )
    }
    return [OwnFile(json.dumps({"version": 1, "hooks": hooks}, indent=2) + "\n")]


def opencode(server: Server) -> list[OwnFile]:
    """Return the plugin that calls the hooks for opencode."""
    plugin = files(__package__).joinpath("opencode_plugin.js").read_text(encoding="utf-8")
    for name, value in (("HOOK", server.hook), ("SPACE", server.space)):
        plugin = plugin.replace(f'"__{name}__"', json.dumps(value))
    return [OwnFile(plugin)]


def _matching(
    server: Server, client: str, event: str, matcher: str, *, timeout: int = _TIMEOUT_S
) -> ConfigEntry:
    command = hook_command(server, "edit", client)
    hook = {"type": "command", "command": command, "timeout": timeout}
    return ConfigEntry(("hooks", event), {"matcher": matcher, "hooks": [hook]}, in_list=True)


def _nested(
    server: Server,
    client: str,
    events: Mapping[str, str],
    timeouts_s: Mapping[str, int] | None = None,
) -> list[ConfigEntry]:
    return [
        ConfigEntry(
            ("hooks", name),
            {
                "hooks": [
                    {
                        "type": "command",
                        "command": hook_command(server, event, client),
                        "timeout": (timeouts_s or {}).get(name, _TIMEOUT_S),
                    }
                ]
            },
            in_list=True,
        )
        for name, event in events.items()
    ]
