"""What directories of MCP servers read: the bundle for Claude Desktop, and the registry's entry."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from plugins import ABOUT, AUTHOR
from releasing import ROOT, release

import sage

if TYPE_CHECKING:
    from plugins import Files

_RELEASE = release()
_SERVER = "sage-memory-server"


def bundle() -> Files:
    """Return the bundle. It holds no Sage: it starts the one on the machine, as connect does."""
    return {
        "integrations/mcpb/manifest.json": {
            "manifest_version": "0.3",
            **ABOUT,
            "display_name": "Sage",
            **AUTHOR,
            "server": {
                "type": "binary",
                "entry_point": "server/sage-mcp",
                "mcp_config": {
                    "command": "/bin/sh",
                    "args": [
                        "${__dirname}/server/sage-mcp",
                        "${user_config.program}",
                        "${user_config.data_dir}",
                    ],
                },
            },
            "tools_generated": True,
            "prompts_generated": True,
            "user_config": {
                "program": {
                    "type": "file",
                    "title": "Program",
                    "description": "The file sage, in .venv/bin of the folder Sage was started in",
                    **({"default": "${HOME}/.local/bin/sage"} if _RELEASE.released else {}),
                    "required": True,
                },
                "data_dir": {
                    "type": "directory",
                    "title": "Data directory",
                    "description": "Where Sage keeps its data",
                    "default": "${HOME}/.local/share/sage",
                    "required": False,
                },
            },
            "compatibility": {"platforms": ["darwin", "linux"]},
        }
    }


def registry_entry() -> Files:
    """Return the entry of the MCP registry, which starts without a question.

    It is Sage with a database of its own, in an environment of `uvx`, as the program of the client.
    """
    return {
        "server.json": {
            "$schema": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
            "name": f"io.github.{_RELEASE.owner}/sage",
            "title": "Sage",
            "description": ABOUT["description"],
            "version": sage.__version__,
            "packages": [
                {
                    "registryType": "pypi",
                    "identifier": _SERVER,
                    "version": sage.__version__,
                    "transport": {"type": "stdio"},
                    "runtimeHint": "uvx",
                    "runtimeArguments": [
                        {"type": "named", "name": "--with", "value": _embedded()},
                    ],
                    "packageArguments": [{"type": "positional", "value": "mcp"}],
                }
            ],
        }
    }


def _embedded() -> str:
    """Return what Sage needs to have a database of its own."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (needed,) = project["optional-dependencies"]["embedded"]
    return str(needed)
