"""The verbs of `sage`, in the order of its help. Each has a module of its name in this package.

A module is imported when its verb is called, so that help, `version` and `healthcheck` start
without loading a database driver or a model.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from sage.cli.parsing import VerbParser

VERBS = {
    "up": "start Sage, or find it running, and tell how to connect",
    "down": "stop Sage and wait until it is gone",
    "status": "tell whether Sage runs and is ready: exit 0 or 1",
    "logs": "show the end of Sage's log; follow it on a terminal",
    "serve": "run the HTTP server: MCP at /mcp, health and REST",
    "mcp": "speak MCP over standard input and output, for a client that starts Sage itself",
    "save": "keep a conversation",
    "search": "find memories by meaning and by words",
    "context": "gather memories into text ready for a prompt",
    "sessions": "list the sessions, the one with the latest message first",
    "list": "list memories, the newest first",
    "show": "show a memory or a session whole",
    "forget": "forget memories or a session; can be undone for 30 days",
    "stats": "count what is kept",
    "export": "write all memories to standard output, one a line (JSONL), without their vectors",
    "import": "keep the memories of a file that `sage export` wrote, or of a chat",
    "config": "look at the configuration",
    "doctor": "check everything Sage needs, with a fix for what is wrong",
    "migrate": "bring the database's schema up to date, or look at it",
    "reembed": "move to another embedding model while Sage goes on answering",
    "healthcheck": "ask the running server whether it is well: exit 0 or 1, for container probes",
    "bench": "measure what is found and how fast, in a database of its own",
    "completion": "complete verbs and options in bash, zsh or fish",
    "version": "print the version",
}


def load_declaration(verb: str) -> Callable[[VerbParser], None]:
    """Import the module of a verb; return its `declare`, which says what the verb takes."""
    module = importlib.import_module(f"sage.cli.{'import_' if verb == 'import' else verb}")
    return cast("Callable[[VerbParser], None]", module.declare)
