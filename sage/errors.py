"""Every error Sage raises on purpose.

SageError                        message, detail, hint
├── InvalidInputError            a caller's argument is wrong (names the field)
├── NotFoundError                no such memory, session or page
├── ConflictError                an idempotency key came back with another body
├── ConfigurationError           settings do not hold together (carries every problem)
├── StartupError                 Sage cannot start here: port, data dir, embedded Postgres
├── StoreError                   the database refused or failed
│   ├── StoreUnavailableError    it does not answer; the call may be sent again
│   └── SchemaError              its schema is not the one this release works with
└── ProviderError                a model provider refused or failed
    ├── ProviderUnavailableError it does not answer, or not us, or not yet; the work waits
    └── ProviderRejectedError    it refuses this input

Each says what happened (message), what it means (detail) and what to do (hint). One place for each
surface translates them (`sage/api/presenters.py`); none of the texts ever holds a secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a configuration: the variable, where it was set, what to do.

    A `warning` does not keep Sage from starting.
    """

    variable: str
    origin: str
    message: str
    hint: str
    warning: bool = False

    def __str__(self) -> str:
        """Return the problem in one line."""
        return f"{self.variable} (from {self.origin}): {self.message}. {self.hint}"


class SageError(Exception):
    """Say what happened, what it means and what to do."""

    def __init__(self, message: str, *, detail: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail
        self.hint = hint


class InvalidInputError(SageError):
    """An argument is empty, too long, of the wrong type or cannot be stored."""

    def __init__(self, field: str, message: str, *, hint: str = "") -> None:
        super().__init__(f"{field}: {message}", hint=hint)
        self.field = field


class NotFoundError(SageError):
    """What the caller named does not exist in the caller's space."""


class ConflictError(SageError):
    """The same idempotency key was used before with another body."""


class ConfigurationError(SageError):
    """The configuration cannot be used; `problems` lists all that is wrong, not the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(
            "the configuration cannot be used",
            detail="\n".join(str(problem) for problem in problems),
            hint="run `sage config check` to see every problem with its fix",
        )
        self.problems = tuple(problems)


class StartupError(SageError):
    """Something on this machine keeps Sage from starting."""


class StoreError(SageError):
    """The database refused or failed."""


class StoreUnavailableError(StoreError):
    """The database does not answer; nothing was half written and the call may be sent again."""


class SchemaError(StoreError):
    """The database's schema is older, newer or other than this release needs."""


class ProviderError(SageError):
    """A model provider refused or failed."""


class ProviderUnavailableError(ProviderError):
    """A model provider does not answer now; the work waits and is tried again.

    `retry_in_s` says in how many seconds, where that is known.
    """

    def __init__(
        self, message: str, *, detail: str = "", hint: str = "", retry_in_s: float | None = None
    ) -> None:
        super().__init__(message, detail=detail, hint=hint)
        self.retry_in_s = retry_in_s


class ProviderRejectedError(ProviderError):
    """A model provider refuses this input and answers others; trying again will not help.

    Unless `lasting` is False: then it failed on this input, and may get through later.
    """

    def __init__(
        self, message: str, *, detail: str = "", hint: str = "", lasting: bool = True
    ) -> None:
        super().__init__(message, detail=detail, hint=hint)
        self.lasting = lasting


def closest(word: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """Return the known word that a misspelt one probably stands for, or None.

    `likeness` is the share of characters that must agree, 0 to 1.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - only who mistypes waits for it

    return next(iter(get_close_matches(word, list(known), n=1, cutoff=likeness)), None)
