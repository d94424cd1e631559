"""Refuse a file that is not in one of the formats that a benchmark reads."""

from __future__ import annotations

from json import JSONDecodeError
from typing import TYPE_CHECKING

from sage.errors import InvalidInputError

if TYPE_CHECKING:
    from pathlib import Path

FORMATS = (
    "pass a JSON file in the format of LoCoMo or LongMemEval; docs/benchmarks.md links to them"
)


def unreadable(path: Path, error: Exception) -> InvalidInputError:
    """Return the error to raise for a file that could not be read."""
    return InvalidInputError("--data", f"{path} cannot be read: {_reason(error)}", hint=FORMATS)


def _reason(error: Exception) -> str:
    match error:
        case OSError():
            return error.strerror or str(error)
        case JSONDecodeError():
            return f"it is not JSON: {error}"
        case KeyError():
            return f'"{error.args[0]}" is missing in a record'
        case ValueError():
            return str(error)
        case _:
            return "its records have another structure"
