"""How errors are presented: problem details over HTTP, one line for a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from sage import errors
from sage.api.arguments.strict import encodable
from sage.domain.sent_phrases import PHRASES, SentPhrase
from sage.phrases import phrase, sent_phrases
from sage.telemetry.logs import request_id

if TYPE_CHECKING:
    from collections.abc import Mapping

_CRASHED = "an internal error occurred"


@dataclass(frozen=True, slots=True)
class Translation:
    """The HTTP form of a kind of error. `retry_after_s` is None if a retry is pointless."""

    status: int
    kind: str
    title: str
    retry_after_s: int | None = None


TRANSLATIONS: Mapping[type[errors.SageError], Translation] = {
    errors.SageError: Translation(500, "failure", phrase("Internal failure")),
    errors.InvalidInputError: Translation(422, "invalid-input", phrase("Invalid argument")),
    errors.TooLargeError: Translation(413, "too-large", phrase("The body is too large")),
    errors.NoRoomError: Translation(507, "no-room", phrase("Not enough disk space")),
    errors.NotFoundError: Translation(404, "not-found", phrase("Not found")),
    errors.NoSpaceError: Translation(404, "not-found", phrase("Space not found")),
    errors.ForbiddenError: Translation(403, "forbidden", phrase("Forbidden")),
    errors.ScopeError: Translation(403, "forbidden", phrase("Insufficient scope")),
    errors.RateLimitError: Translation(429, "rate-limit", phrase("Too many requests")),
    errors.WithdrawnError: Translation(503, "withdrawn", phrase("The call was cancelled"), 1),
    errors.ConflictError: Translation(
        409, "conflict", phrase("The idempotency key was used for another save")
    ),
    errors.ConfigurationError: Translation(500, "configuration", phrase("Invalid configuration")),
    errors.StartupError: Translation(503, "startup", phrase("Sage cannot start"), 5),
    errors.StoreError: Translation(500, "store", phrase("The database rejected the request")),
    errors.StoreUnavailableError: Translation(
        503, "store-unavailable", phrase("The database does not answer"), 1
    ),
    errors.SchemaError: Translation(
        503, "schema", phrase("The database schema does not match this release"), 5
    ),
    errors.BackupError: Translation(500, "backup", phrase("A backup failed")),
    errors.MoveError: Translation(500, "move", phrase("A move to another database failed")),
    errors.BackupToolsError: Translation(500, "backup", phrase("A backup failed")),
    errors.ProviderError: Translation(502, "provider", phrase("A model provider failed")),
    errors.ProviderUnavailableError: Translation(
        503, "provider-unavailable", phrase("A model provider does not answer"), 5
    ),
    errors.ProviderRejectedError: Translation(
        502, "provider-rejected", phrase("A model provider rejected the request")
    ),
}


class ProblemDetails(BaseModel):
    """The reason why a request failed, and how to fix it (RFC 9457)."""

    type: str = Field(description="A URI that identifies the kind of problem.")
    title: str = Field(description="A short summary of the kind of problem.")
    status: int = Field(description="The HTTP status code.")
    detail: str = Field(description="What failed in this request.")
    hint: str = Field(description="How to fix it.")
    field: str | None = Field(default=None, description="The name of the invalid argument.")
    request_id: str | None = Field(
        default=None, description="The id of the request, which its log lines contain."
    )
    error: str | None = Field(
        default=None, description="Over the Unix socket only: the class of the error."
    )
    explanation: str | None = Field(
        default=None,
        description="Over the Unix socket only: a longer explanation, if there is one.",
    )
    phrases: dict[str, SentPhrase] | None = Field(default=None, description=PHRASES)


class ProblemResponse(JSONResponse):
    """A response of media type application/problem+json (RFC 9457)."""

    media_type = "application/problem+json"


def problem_response(  # noqa: PLR0913 - the members of RFC 9457 and what goes with them
    status: int,
    kind: str,
    title: str,
    *,
    detail: str,
    hint: str,
    field: str | None = None,
    headers: Mapping[str, str] | None = None,
    for_owner: errors.SageError | None = None,
) -> ProblemResponse:
    """Build a problem response; any text is made encodable.

    An error `for_owner` is complete, so that a command can raise it again.
    """
    texts = {"title": title, "detail": detail, "hint": hint}
    if for_owner is not None and for_owner.detail:
        texts["explanation"] = for_owner.detail
    problem = ProblemDetails.model_validate(
        {
            **{name: encodable(text) for name, text in texts.items()},
            "type": f"urn:sage:problem:{kind}",
            "status": status,
            "field": None if field is None else encodable(field),
            "request_id": request_id.get(),
            "error": None if for_owner is None else type(for_owner).__name__,
            "phrases": sent_phrases(texts, encodable) or None,
        }
    )
    return ProblemResponse(
        problem.model_dump(exclude_none=True),
        status_code=status,
        headers=None if headers is None else dict(headers),
    )


def kind_of(error: errors.SageError) -> str:
    """Return the name of a kind of error."""
    return translation_of(error).kind


def present_error(error: errors.SageError, *, to_owner: bool = False) -> ProblemResponse:
    """Return the HTTP response for an error; complete if it goes to the owner, on the socket."""
    row = translation_of(error)
    retry_after_s = row.retry_after_s
    if isinstance(error, errors.RateLimitError):
        retry_after_s = error.retry_after_s
    return problem_response(
        row.status,
        row.kind,
        row.title,
        detail=error.message,
        hint=error.hint or ("" if to_owner else "look for this request id in Sage's log"),
        field=error.field if isinstance(error, errors.InvalidInputError) else None,
        headers=None if retry_after_s is None else {"retry-after": str(retry_after_s)},
        for_owner=error if to_owner else None,
    )


def translation_of(error: errors.SageError) -> Translation:
    """Return the HTTP form of an error."""
    return next(TRANSLATIONS[kind] for kind in type(error).__mro__ if kind in TRANSLATIONS)


def format_error(error: errors.SageError) -> str:
    """Return an error and its hint in one line, for a model to correct itself by."""
    message = error.message if error.message.endswith(".") else f"{error.message}."
    return encodable(f"{message} Fix: {error.hint}." if error.hint else message)


def error_phrases(error: errors.SageError) -> dict[str, dict[str, object]]:
    """Return the phrases of the message and the hint in that line, to show them to a person."""
    return sent_phrases({"message": error.message, "hint": error.hint}, encodable)


def present_crash() -> ProblemResponse:
    """Return the HTTP response for a failure whose reason is only in the log."""
    return problem_response(
        500,
        "internal",
        "Internal error",
        detail=_CRASHED,
        hint="report this with the log lines of the request id",
    )


def format_crash(identifier: str) -> str:
    """Return the same in one line, with the id of the log lines."""
    return f"{_CRASHED}; the call can be repeated. Request id: {identifier}."
