"""What can become of a question to the running server beside its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sage import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

_STOPPING = "urn:sage:problem:stopping"
_OF_THEIR_OWN = (errors.RateLimitError, errors.ConfigurationError)
"""They are not made of a message, a detail and a hint."""


class NotAskedError(Exception):
    """No server answers that is configured as this command is: nothing was done."""


class LostAnswerError(errors.SageError):
    """The server ended, or was silent, before it answered: what was asked may have been done."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"the running Sage {what} before it answered",
            hint="repeat the command; `sage status` reports whether Sage is running",
        )


def refusal(problem: Mapping[str, Any]) -> errors.SageError:
    """Return the error that the server reports, as it would have been raised here."""
    if problem.get("type") == _STOPPING:
        return LostAnswerError("was stopped")
    message, hint = str(problem.get("detail", "")), str(problem.get("hint", ""))
    kind = getattr(errors, str(problem.get("error")), None)
    if kind is errors.InvalidInputError:
        field = str(problem.get("field", ""))
        rest = message.removeprefix(field).removeprefix(":").removeprefix(" ")
        return errors.InvalidInputError(field, rest, hint=hint)
    is_error = isinstance(kind, type) and issubclass(kind, errors.SageError)
    if kind is None or not is_error or issubclass(kind, _OF_THEIR_OWN):
        kind = errors.SageError
    error: errors.SageError = kind(message, detail=str(problem.get("explanation", "")), hint=hint)
    return error
