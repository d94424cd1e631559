"""The errors of a call to the running server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sage import errors
from sage.phrases import from_json, phrase

if TYPE_CHECKING:
    from collections.abc import Mapping

_STOPPING = "urn:sage:problem:stopping"
_OF_THEIR_OWN = (errors.RateLimitError, errors.ConfigurationError)
"""Errors that are not built from a message, a detail and a hint."""


class NotAskedError(Exception):
    """No server with this configuration answers: nothing was done."""


class LostAnswerError(errors.SageError):
    """The server stopped, or was silent, before it answered: the call may have had effects."""

    def __init__(self, message: str) -> None:
        super().__init__(
            message,
            hint=phrase("repeat the command; `sage status` reports whether Sage is running"),
        )


def refusal(problem: Mapping[str, Any]) -> errors.SageError:
    """Return the error of a problem that the server reports, as it would be raised here."""
    if problem.get("type") == _STOPPING:
        return LostAnswerError("the running Sage was stopped before it answered")
    message, hint, detail = (_text(problem, name) for name in ("detail", "hint", "explanation"))
    kind: Any = getattr(errors, str(problem.get("error")), None)
    if not isinstance(kind, type) or not issubclass(kind, errors.SageError):
        kind = errors.SageError
    error: errors.SageError
    if issubclass(kind, errors.InvalidInputError):
        error = kind(str(problem.get("field", "")), message, hint=hint)
    elif issubclass(kind, _OF_THEIR_OWN):
        error = errors.SageError(message, detail=detail, hint=hint)
    else:
        error = kind(message, detail=detail, hint=hint)
    return error


def _text(problem: Mapping[str, Any], name: str) -> str:
    """Return a text of a problem, as the original phrase if the server sends it."""
    phrases = problem.get("phrases")
    sent = phrases.get(name) if isinstance(phrases, dict) else None
    return from_json(str(problem.get(name, "")), sent)
