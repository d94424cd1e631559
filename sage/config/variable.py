"""What a variable is, and the groups there are."""

from __future__ import annotations

import types
from dataclasses import dataclass

GROUPS = types.MappingProxyType(
    {
        "": "General",
        "server": "Server",
        "rate_limit": "Rate limits",
        "database": "Database",
        "embedding": "Embedding",
        "reranker": "Reranker",
        "summary": "Summary",
        "siliconflow": "SiliconFlow",
        "search": "Search",
        "recall": "Recall",
        "backup": "Backup",
        "audit": "Audit log",
        "log": "Log",
    }
)
"""The groups of variables, with their titles."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A name people set, the settings field it fills and a sentence about it.

    `path` is dotted (`server.port`), which is also its place in a TOML file; it is empty for
    `SAGE_CONFIG`, which tells where to read and fills no field. `example` is shown to people.
    """

    name: str
    path: str
    summary: str
    example: str = ""

    @property
    def group(self) -> str:
        """Return the key of its group in `GROUPS`."""
        return self.path.rpartition(".")[0]
