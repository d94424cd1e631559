"""Options of the command line that stand for variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import Namespace

_VARIABLES = {
    "env": "SAGE_ENV",
    "data_dir": "SAGE_DATA_DIR",
    "log_level": "SAGE_LOG_LEVEL",
    "host": "MCP_SERVER_HOST",
    "port": "MCP_SERVER_PORT",
    "embedding_provider": "EMBEDDING_PROVIDER",
    "embedding_model": "EMBEDDING_MODEL",
    "embedding_dimensions": "EMBEDDING_DIMENSIONS",
}


def overrides_of(args: Namespace) -> dict[str, object]:
    """Return the variables that options of the command line set."""
    return {
        variable: value
        for option, variable in _VARIABLES.items()
        if (value := getattr(args, option, None)) is not None
    }
