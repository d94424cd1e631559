"""Every error Sage raises on purpose.

SageError                        message, detail, hint
├── InvalidInputError            an argument is invalid; its name is `field`
│   └── TooLargeError            the data sent is larger than allowed
├── NoRoomError                  the disk has no room for the data sent
├── NotFoundError                no such memory, session or page
│   └── NoSpaceError             no such space, or none that the caller has access to
├── ForbiddenError               the caller's role does not allow it
│   └── ScopeError               the scopes of the app do not allow it
├── RateLimitError               too many requests
├── WithdrawnError               nobody waits for the answer any more
├── ConflictError                an idempotency key was reused with another body
├── ConfigurationError           the settings are not usable (lists every problem)
├── StartupError                 Sage cannot start here: port, data directory, embedded Postgres
├── StoreError                   the database rejected a statement or failed
│   ├── StoreUnavailableError    it cannot be reached; the call can be retried
│   └── SchemaError              its schema is not the one this release needs
├── BackupError                  a backup cannot be made, read or restored
│   └── BackupToolsError         this machine lacks the programs of PostgreSQL for it
├── MoveError                    the data cannot be moved to another database
└── ProviderError                a model provider rejected a call or failed
    ├── ProviderUnavailableError it cannot be used now; the work is retried later
    └── ProviderRejectedError    it rejects this input

Each says what happened (message), what it means (detail) and what to do (hint), each a phrase
(`sage/phrases`), and never contains a secret. `sage/api/problems.py` translates them for HTTP
and MCP, `sage/cli/failures.py` for the command line.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.phrases import as_phrase, joined, phrase, with_arguments

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class ConfigurationProblem:
    """One problem of a configuration: the variable, where it was set, what to do.

    A `warning` does not prevent a start.
    """

    variable: str
    origin: str
    message: str
    hint: str
    warning: bool = False

    def __str__(self) -> str:
        """Return the problem in one line."""
        return phrase(
            "{variable} (from {origin}): {problem}. {hint}",
            variable=self.variable,
            origin=as_phrase(self.origin),
            problem=as_phrase(self.message),
            hint=as_phrase(self.hint),
        )


class SageError(Exception):
    """What happened (message), what it means (detail) and what to do (hint)."""

    def __init__(self, message: str, *, detail: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = as_phrase(message)
        self.detail = as_phrase(detail)
        self.hint = as_phrase(hint)


class InvalidInputError(SageError):
    """An argument is empty, too long, of the wrong type, or cannot be stored.

    The message names it as `{field}`: "{field} is empty".
    """

    def __init__(self, field: str, message: str, *, hint: str = "") -> None:
        super().__init__(with_arguments(message, field=field), hint=hint)
        self.field = field


class TooLargeError(InvalidInputError):
    """The data sent is larger than allowed."""


class NoRoomError(SageError):
    """The disk of Sage has no room for the data sent."""


class NotFoundError(SageError):
    """The memory, session or page does not exist in the caller's space."""


class NoSpaceError(NotFoundError):
    """The space does not exist, or is closed to the caller."""


class ForbiddenError(SageError):
    """The caller is authenticated, but may not do this."""


class ScopeError(ForbiddenError):
    """An app has fewer scopes than this requires; its user could allow them."""


class RateLimitError(SageError):
    """Too many requests; `retry_after_s` is the number of seconds to wait."""

    def __init__(self, message: str, *, retry_in_s: float) -> None:
        self.retry_after_s = math.ceil(retry_in_s)
        hint = phrase("wait {seconds} s, then repeat the call", seconds=self.retry_after_s)
        super().__init__(message, hint=hint)


class WithdrawnError(SageError):
    """The caller disconnected before their call was done, or Sage stops: the work ended."""


class ConflictError(SageError):
    """The idempotency key was used before with another body."""


class ConfigurationError(SageError):
    """The configuration cannot be used; `problems` lists every problem, not only the first."""

    def __init__(self, problems: Sequence[ConfigurationProblem]) -> None:
        super().__init__(
            phrase("the configuration is invalid"),
            detail=joined("\n", map(str, problems)),
            hint=phrase("run `sage config check` to see every problem with its fix"),
        )
        self.problems = tuple(problems)


class StartupError(SageError):
    """Something on this machine prevents Sage from starting."""


class StoreError(SageError):
    """The database rejected a statement or failed."""


class StoreUnavailableError(StoreError):
    """The database cannot be reached; nothing was half written and the call can be retried."""


class SchemaError(StoreError):
    """The schema of the database is not the one this release needs."""


class BackupError(SageError):
    """A backup cannot be made, read or restored; what was there before is unchanged."""


class BackupToolsError(BackupError):
    """The programs of PostgreSQL that make and read backups are not on this machine."""


class MoveError(SageError):
    """The data cannot be moved to another database."""


class ProviderError(SageError):
    """A model provider rejected a call or failed."""


class ProviderUnavailableError(ProviderError):
    """A model provider cannot be used now; the work is retried later.

    `retry_in_s` is the number of seconds to wait, where that is known.
    """

    def __init__(
        self, message: str, *, detail: str = "", hint: str = "", retry_in_s: float | None = None
    ) -> None:
        super().__init__(message, detail=detail, hint=hint)
        self.retry_in_s = retry_in_s


class ProviderRejectedError(ProviderError):
    """A model provider rejects this input and accepts others, so that retrying does not help.

    Where `permanent` is False, it failed on this input, and a later retry may succeed.
    """

    def __init__(
        self, message: str, *, detail: str = "", hint: str = "", permanent: bool = True
    ) -> None:
        super().__init__(message, detail=detail, hint=hint)
        self.permanent = permanent


def closest(word: str, known: Iterable[str], likeness: float = 0.65) -> str | None:
    """Return the known word that a misspelt one probably stands for, or None.

    `likeness` is the minimum similarity, 0 to 1.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - only who mistypes waits for it

    return next(iter(get_close_matches(word, list(known), n=1, cutoff=likeness)), None)
