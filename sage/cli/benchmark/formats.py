"""Errors for files that are not in the format that a benchmark reads."""

from __future__ import annotations

from contextlib import contextmanager
from json import JSONDecodeError
from typing import TYPE_CHECKING

from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def unreadable(path: Path, error: Exception, hint: str) -> InvalidInputError:
    """Return the error to raise for a file that could not be read."""
    return InvalidInputError(
        "--data",
        phrase("{field}: {path} cannot be read: {reason}", path=path, reason=_reason(error)),
        hint=hint,
    )


@contextmanager
def in_record(number: int) -> Iterator[None]:
    """Add the number of the record to an error inside the block. Raises ValueError."""
    try:
        yield
    except (InvalidInputError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"record {number}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    match error:
        case OSError():
            return error.strerror or str(error)
        case JSONDecodeError():
            return phrase("it is not JSON: {reason}", reason=error)
        case KeyError():
            return phrase('"{key}" is missing', key=error.args[0])
        case ValueError() | InvalidInputError():
            return str(error)
        case _:
            return phrase("it has another structure")
