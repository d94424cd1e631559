"""The table of verbs: what each is for, how it is called, where its work is done.

The work is named by module and function and imported only when the verb runs, so that help,
`version` and `healthcheck` start without loading a database driver or a model.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from sage.cli import arguments

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from sage.terminal.output import Console


class Action(Protocol):
    """Do the work of a verb; give the exit code. May raise SageError."""

    def __call__(self, args: Namespace, console: Console) -> int:
        """Run with parsed arguments."""
        ...


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb. `work` is `module:function` below this package; empty for a group of verbs."""

    name: str
    summary: str
    work: str = ""
    examples: tuple[str, ...] = ()
    declare: Callable[[ArgumentParser], None] = arguments.nothing
    details: str = ""
    verbs: tuple[Verb, ...] = ()
    default: str = ""


def load_action(work: str) -> Action:
    """Import the function that `work` names."""
    module, _, function = work.partition(":")
    return cast("Action", getattr(importlib.import_module(f"sage.cli.{module}"), function))


VERBS = (
    Verb(
        "serve",
        "run the HTTP server: MCP at /mcp, health and REST",
        "serve:serve",
        ("sage serve", "sage serve --port 18000 --data-dir ~/other-memory"),
        arguments.serve,
    ),
    Verb(
        "mcp",
        "speak MCP over standard input and output, for a client that starts Sage itself",
        "serve:speak_mcp",
        ("sage mcp", "claude mcp add sage -- sage mcp"),
    ),
    Verb(
        "save",
        "keep a conversation",
        "save:save",
        (
            'sage save "Which tea does Mei like?" "Mei likes oolong." --session tea',
            "sage save --file conversation.json",
            "tail -n 20 chat.jsonl | sage save --file - --session chat",
        ),
        arguments.save,
        "A file holds a JSON list of messages, an object with such a list under 'messages', or\n"
        "one message a line (JSONL). A message: role, content, and optionally name, created_at.\n"
        "Texts that begin with a dash come after --.",
    ),
    Verb(
        "search",
        "find memories by meaning and by words",
        "search:search",
        (
            'sage search "which tea does Mei like" -n 3',
            "sage search oolong --role assistant --after 2026-01-01 --json",
            """sage search tea --metadata '{"topic": "drinks"}'""",
        ),
        arguments.search,
    ),
    Verb(
        "context",
        "gather memories into text ready for a prompt",
        "search:context",
        ('sage context "planning the trip to Kyoto" --window 1000',),
        arguments.context,
    ),
    Verb(
        "forget",
        "forget memories or a session; can be undone for 30 days",
        "forget:forget",
        (
            "sage forget 0197f3c2-0000-7000-8000-000000000000",
            "sage forget --session tea --yes",
            "sage forget --session tea --undo",
        ),
        arguments.forget,
    ),
    Verb(
        "stats",
        "count what is kept",
        "stats:stats",
        ("sage stats", "sage stats --json"),
        arguments.json_output,
    ),
    Verb(
        "export",
        "write all memories to standard output, one a line (JSONL), without their vectors",
        "transfer:export_memories",
        ("sage export > memories.jsonl", "sage export | gzip > memories.jsonl.gz"),
        arguments.export,
        "What is forgotten is left out. `sage import` makes the same memories of it elsewhere,\n"
        "under the same ids.",
    ),
    Verb(
        "import",
        "keep the memories of a file that `sage export` wrote, or of a chat, one message a line",
        "transfer:import_memories",
        (
            "sage import memories.jsonl",
            "zcat memories.jsonl.gz | sage import -",
            "sage import chat.jsonl --session chat",
        ),
        arguments.import_,
        "Every line is checked before the first is kept. What is there already is passed over, so\n"
        "that a file can be imported again, also after it was interrupted.\n"
        "A line: role, content, and optionally memory_id, space, session_id, name, created_at,\n"
        "metadata.",
    ),
    Verb(
        "config",
        "look at the configuration",
        verbs=(
            Verb(
                "show",
                "show every value in effect and where it comes from; secrets are hidden",
                "config:show",
                ("sage config show", "sage config show --json"),
                arguments.json_output,
            ),
            Verb(
                "check",
                "list everything wrong with the configuration, with its fix",
                "config:check",
                ("sage config check",),
                arguments.json_output,
            ),
            Verb(
                "env",
                "write the documented .env.example; an existing file is never overwritten",
                "config:write_env",
                ("sage config env", "sage config env --output .env"),
                arguments.config_env,
            ),
        ),
    ),
    Verb(
        "doctor",
        "examine everything Sage needs, with a fix for what is wrong",
        "doctor:doctor",
        ("sage doctor", "sage doctor --json"),
        arguments.json_output,
    ),
    Verb(
        "migrate",
        "bring the database's schema up to date, or look at it",
        verbs=(
            Verb(
                "up",
                "apply the migrations that are missing; safe to run from several places at once",
                "migrate:up",
                ("sage migrate up",),
                arguments.json_output,
            ),
            Verb(
                "status",
                "list the migrations; exit 1 when the schema is not current",
                "migrate:status",
                ("sage migrate status", "sage migrate status --json"),
                arguments.json_output,
            ),
        ),
        default="up",
    ),
    Verb(
        "reembed",
        "move to another embedding model while Sage goes on answering",
        "reembed:reembed",
        (
            "sage reembed",
            "sage reembed --provider siliconflow --model BAAI/bge-m3",
            "sage reembed --drop-old",
        ),
        arguments.reembed,
        "The earlier model answers until every memory is embedded with the new one. A run that\n"
        "was stopped is taken up by the next one.",
    ),
    Verb(
        "healthcheck",
        "ask the running server whether it is well: exit 0 or 1, for container probes",
        "healthcheck:healthcheck",
        ("sage healthcheck", "sage healthcheck --readiness"),
        arguments.healthcheck,
        "Asks MCP_SERVER_HOST and MCP_SERVER_PORT; where that is every address, the local one.",
    ),
    Verb(
        "bench",
        "measure what is found and how fast, in a database of its own",
        verbs=(
            Verb(
                "quick",
                "measure both on a small scale, in about a minute",
                "bench:quick",
                ("sage bench quick", "sage bench quick --json bench.json"),
                arguments.bench_quick,
            ),
            Verb(
                "quality",
                "measure how much of what answers a question is found",
                "bench:quality",
                (
                    "sage bench quality",
                    "sage bench quality --data locomo10.json --no-names --ablate",
                ),
                arguments.bench_quality,
            ),
            Verb(
                "latency",
                "measure how long calls take at several sizes, and how many come through",
                "bench:latency",
                ("sage bench latency", "sage bench latency --memories 1000,10000,100000"),
                arguments.bench_latency,
            ),
            Verb(
                "recall",
                "measure what searching by vectors finds of the nearest, by the size of a space",
                "bench:recall",
                ("sage bench recall", "sage bench recall --memories 1000,20000 --questions 50"),
                arguments.bench_recall,
            ),
        ),
        default="quick",
    ),
    Verb(
        "version",
        "print the version",
        "version:version",
        ("sage version", "sage version --json"),
        arguments.json_output,
    ),
)
