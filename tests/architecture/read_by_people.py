"""What is called with texts that a person reads, and in which places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage import errors

if TYPE_CHECKING:
    from collections.abc import Iterator

MAKERS = frozenset({"phrase", "numbered", "with_arguments", "Phrase"})

TAKE_TEXTS = {"as_phrase": 0, "with_arguments": 0, "joined": 1, "as_called": 0, "styled": 0}
"""What is called with texts that are phrases, or their own ids, from this place on."""


def _kinds_of_errors() -> Iterator[type]:
    waiting = [errors.SageError]
    while waiting:
        kind = waiting.pop()
        yield kind
        waiting += kind.__subclasses__()


READ_BY_PEOPLE = {
    **{kind.__name__: {0, "message", "detail", "hint"} for kind in _kinds_of_errors()},
    "InvalidInputError": {1, "message", "hint"},
    "LostAnswerError": {0},
    "ServerError": {0},
    "UnansweredError": {0},
    "UnprovenError": {0},
    "UnreachableError": {0},
    "RevokedError": {0},
    "OlderError": {0},
    "RefusedError": {0},
    "record_failure": {3},
    "record_hook": {3},
    "ServerFailedError": {0, "detail", "hint"},
    "ConfigurationProblem": {2, 3, "message", "hint"},
    "RefusedValueError": {0, 1, "hint"},
    "CheckResult": {1, 2, "detail", "hint"},
    "healthy": {0, "detail"},
    "degraded": {0, 1, "detail", "hint"},
    "unhealthy": {0, 1, "detail", "hint"},
    "Fault": {1, 2, "message", "hint"},
    "MalformedResponseError": {0, "hint"},
    "ProbeFailure": {0, "reason", "hint"},
    "Readiness": {"reason", "hint"},
    "Degradation": {1, "reason"},
    "problem_response": {2, "detail", "hint"},
    "problem": {1, 2},
    "_Unreadable": {0},
    "BadLine": {1},
    "UnavailableEmbedder": {1, 2},
    "write_error": {1, 2, 3},
    "add_argument": {"help"},
    "argument": {"help"},
    "add_argument_group": {0},
    "add_verb": {1},
    "add_parser": {"help", "description"},
    "ArgumentParser": {"description", "epilog"},
    "Parser": {"description", "epilog"},
    "verb": {"summary", "details"},
    "VerbParser": {"description", "epilog"},
    "ProgramParser": {"description", "epilog"},
    "setting": {1},
    "Client": {1, "then", "hooks_then"},
    "Progress": {1},
    "waiting": {1},
    "step": {0},
    "wait": {0},
    "confirm": {1},
    "sage.cli.terminal.table.Table": {0, "legend"},
}
"""Calls, some with their module, whose arguments, by their place or name, a person reads."""

SHOWN = {"note": 0, "write": 0, "say": 0, "done": 1, "warn": 1, "_say": 0, "_note": 0}
"""What shows lines, whose arguments from this place on are parts of one."""

SHOWERS = ("console", "program", "steps", "stdout", "stderr")
"""How the names end of what has such methods."""
