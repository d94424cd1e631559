"""The clients: how each is started without a terminal, and told of the model on loopback."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Program:
    """A client by the name that `sage connect` has for it.

    `settings` are its files in the home folder, with HERE for the address of the model; `logs` is
    where it writes down what was said. `fork` starts a fork of the latest session, with SESSION for
    the id of that; empty where the client has none. `resume` goes on in the latest session.
    `edits`: it has a hook for the use of commands, which `unasked` lets it run.
    """

    name: str
    command: tuple[str, ...]
    settings: dict[str, str]
    logs: str = ""
    fork: tuple[str, ...] = ()
    resume: tuple[str, ...] = ()
    edits: bool = False
    unasked: tuple[str, ...] = ()

    def prepare(self, home: Path, url: str) -> None:
        """Write the settings that a user has made before Sage is connected."""
        for name, text in self.settings.items():
            path = home / name
            path.parent.mkdir(parents=True)
            path.write_text(text.replace("HERE", url))


def environment(url: str) -> dict[str, str]:
    """Return the variables that name the model to those that read no settings for it."""
    return {
        "ANTHROPIC_API_KEY": "none",
        "ANTHROPIC_BASE_URL": url,
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "GEMINI_API_KEY": "none",
        "GEMINI_CLI_TRUST_WORKSPACE": "true",
        "GOOGLE_GEMINI_BASE_URL": url,
        "OPENAI_API_KEY": "none",
        "OPENAI_BASE_URL": f"{url}/v1",
        "OPENAI_MODEL": "mock",
    }


_CODEX = ("codex", "exec", "--skip-git-repo-check", "--dangerously-bypass-hook-trust")
PROGRAMS = (
    Program(
        "claude-code",
        ("claude", "-p"),
        {".claude/settings.json": "{}"},
        ".claude/projects",
        ("claude", "--continue", "--fork-session", "-p"),
        ("claude", "--continue", "-p"),
        edits=True,
        unasked=("--allowedTools=Bash",),
    ),
    Program(
        "codex",
        _CODEX,
        {
            ".codex/config.toml": 'model = "mock"\nmodel_provider = "mock"\n\n'
            '[model_providers.mock]\nname = "mock"\nbase_url = "HERE/v1"\nwire_api = "responses"\n'
        },
        ".codex/sessions",
        (*_CODEX, "fork", "SESSION"),
        (*_CODEX, "resume", "--last"),
        edits=True,
    ),
    Program(
        "gemini-cli",
        ("gemini", "-p"),
        {
            ".gemini/settings.json": json.dumps(
                {"security": {"auth": {"selectedType": "gemini-api-key"}}}
            )
        },
        ".gemini/tmp",
        resume=("gemini", "--resume", "latest", "-p"),
        edits=True,
        unasked=("--approval-mode=yolo",),
    ),
    Program(
        "qwen-code",
        ("qwen", "-p"),
        {".qwen/settings.json": json.dumps({"security": {"auth": {"selectedType": "openai"}}})},
        ".qwen/projects",
        ("qwen", "--continue", "--fork-session", "-p"),
        ("qwen", "--continue", "-p"),
    ),
    Program(
        "opencode",
        ("opencode", "run"),
        {
            ".config/opencode/opencode.json": json.dumps(
                {
                    "model": "mock/mock",
                    "provider": {
                        "mock": {
                            "npm": "@ai-sdk/openai-compatible",
                            "options": {"baseURL": "HERE/v1", "apiKey": "none"},
                            "models": {"mock": {}},
                        }
                    },
                }
            )
        },
        fork=("opencode", "run", "--continue", "--fork"),
        resume=("opencode", "run", "--continue"),
    ),
)
