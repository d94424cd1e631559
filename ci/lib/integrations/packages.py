"""What directories of MCP servers read: the bundle for Claude Desktop, and the registry's entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugins import ABOUT, AUTHOR

import sage

if TYPE_CHECKING:
    from plugins import Files

REGISTRY_NAME = "io.github.OWNER/sage"
"""Also a label of the images and a comment in README.md: they prove whose the entry is."""


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
    """Return the entry of the MCP registry: the image, served over HTTP."""
    return {
        "server.json": {
            "$schema": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
            "name": REGISTRY_NAME,
            "title": "Sage",
            "description": ABOUT["description"],
            "version": sage.__version__,
            "packages": [
                {
                    "registryType": "oci",
                    "identifier": f"ghcr.io/OWNER/sage:{sage.__version__}",
                    "transport": {"type": "streamable-http", "url": "http://127.0.0.1:17800/mcp"},
                    "runtimeHint": "docker",
                    "runtimeArguments": [
                        {"type": "named", "name": "--publish", "value": "127.0.0.1:17800:17800"}
                    ],
                    "environmentVariables": [
                        {
                            "name": "DATABASE_URL",
                            "description": "A PostgreSQL with pgvector",
                            "format": "string",
                            "isRequired": True,
                            "isSecret": True,
                        },
                        {
                            "name": "SAGE_TOKEN",
                            "description": "At least 32 characters that clients send",
                            "format": "string",
                            "isRequired": True,
                            "isSecret": True,
                        },
                    ],
                }
            ],
        }
    }
