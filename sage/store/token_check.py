"""The check of a token that was looked up a moment ago, made by the first statement of a request.

Until it is made, a connection is lent for nothing else: who is not known to be let in cannot read
or change anything. It is part of a message that is sent anyway, and so takes no round trip.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN_CHANGED = "SG001"  # noqa: S105 - an SQLSTATE (migration 21)


@dataclass(slots=True)
class TokenCheck:
    """The check that a token opens what it did (migration 21), and whether it has yet to be made.

    `shown` is the digest of the token, `server_digest` that of SAGE_TOKEN for an app's, `version`
    that of what it opened.
    """

    shown: bytes
    server_digest: bytes | None
    version: str
    is_pending: bool = True

    def passed(self) -> None:
        """Note that a statement made the check and went through."""
        self.is_pending = False


_current: ContextVar[TokenCheck | None] = ContextVar("token_check", default=None)


@contextmanager
def requiring(check: TokenCheck) -> Iterator[None]:
    """Allow what is called inside to use the database once the check has passed."""
    token = _current.set(check)
    try:
        yield
    finally:
        _current.reset(token)


def pending_check() -> TokenCheck | None:
    """Return the check that the next statement has to make; None where none is due."""
    check = _current.get()
    return check if check is not None and check.is_pending else None
