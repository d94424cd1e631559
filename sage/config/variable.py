"""What a variable is, and the groups there are."""

from __future__ import annotations

import types
from dataclasses import dataclass

from sage.phrases import phrase

GROUPS = types.MappingProxyType(
    {
        "": phrase("General"),
        "server": phrase("Server"),
        "rate_limit": phrase("Rate limits"),
        "database": phrase("Database"),
        "embedding": phrase("Embedding"),
        "reranker": phrase("Reranker"),
        "summary": phrase("Summary"),
        "siliconflow": phrase("SiliconFlow"),
        "search": phrase("Search"),
        "recall": phrase("Recall"),
        "imports": phrase("Imports"),
        "backup": phrase("Backup"),
        "audit": phrase("Audit log"),
        "log": phrase("Log"),
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
