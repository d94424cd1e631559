"""The options for importing an uploaded file."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sage.clients.importing.selection import included, since_of
from sage.clients.reading.tables import checked_date_format
from sage.domain import limits
from sage.domain.validation import validate_text
from sage.errors import InvalidInputError
from sage.phrases import with_arguments

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_NAME_BYTES = 200
_MAX_ENDING_CHARS = 12
_UNNAMED = "file"


@dataclass(frozen=True, slots=True)
class FileOptions:
    """The name of a file, and options for its import like those of `sage import`."""

    name: str
    since: str | None = None
    include: str | None = None
    date_format: str | None = None
    session_id: str | None = None
    timezone: str = "UTC"
    written_at: float | None = None

    def checked(self) -> FileOptions:
        """Return them with a name without folders. Raises InvalidInputError."""
        with _named("since"):
            since = since_of(self.since)
        with _named("include"):
            included(self.include)
        with _named("date_format"):
            checked_date_format(self.date_format)
        if self.session_id is not None:
            validate_text("session_id", self.session_id, limits.MAX_SESSION_ID_CHARS)
        return replace(
            self, name=plain_name(self.name), since=None if since is None else since.isoformat()
        )


def plain_name(given: str) -> str:
    """Return the last part of a path, in a form that can be shown and stored on any disk."""
    last = given.replace("\\", "/").rpartition("/")[2]
    name = "".join(one if one.isprintable() else "_" for one in last).strip()
    dot, ending = name.rpartition(".")[1:]
    suffix = f"{dot}{ending}" if len(ending) <= _MAX_ENDING_CHARS and ending.isascii() else ""
    stem = name.removesuffix(suffix).encode(errors="replace")[: _MAX_NAME_BYTES - len(suffix)]
    name = stem.decode(errors="ignore") + suffix
    return name if name.strip(".") else _UNNAMED


@contextmanager
def _named(field: str) -> Iterator[None]:
    """Rename the field of an error to that of the upload. Raises InvalidInputError."""
    try:
        yield
    except InvalidInputError as error:
        message = with_arguments(error.message, field=field)
        raise InvalidInputError(field, message, hint=error.hint) from None
