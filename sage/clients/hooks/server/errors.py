"""The errors of a request to Sage."""

from __future__ import annotations

SLOW, UNREACHABLE, UNPROVEN, REVOKED, OLDER = "slow", "unreachable", "unproven", "revoked", "older"
OUTAGES = {SLOW, UNREACHABLE}
"""Kinds of failures after which the next request may well be answered."""


class ServerError(OSError):
    """Sage did not answer, or refused; `status` is the HTTP status, 0 without an answer of Sage.

    `kind` is one of those above, which affect the next request as well; else empty. `why` is the
    reason without the host, if there is more detail than the kind.
    """

    kind = ""
    why = ""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(0, message)
        self.status = status


class UnansweredError(ServerError):
    """Sage, or another program at its address, did not answer in time.

    It is slow if it was `reached`: the connection was accepted.
    """

    def __init__(self, message: str, *, reached: bool) -> None:
        super().__init__(message)
        self.kind = SLOW if reached else UNREACHABLE


class UnreachableError(ServerError):
    """A remote Sage cannot be reached: no address, no listener, no trusted certificate."""

    kind = UNREACHABLE

    def __init__(self, message: str, why: str = "") -> None:
        super().__init__(message)
        self.why = why


class UntrustedError(UnreachableError):
    """A remote Sage, or another program at its address, has no trusted certificate."""


class UnprovenError(ServerError):
    """The server has not proved that it knows the token: it may be another program."""

    kind = UNPROVEN


class RevokedError(ServerError):
    """A remote Sage does not know the token, or no longer."""

    kind = REVOKED


class OlderError(ServerError):
    """A remote Sage lacks the requested route."""

    kind = OLDER


class RefusedError(ServerError):
    """Sage itself refused; `detail` is its reason."""

    def __init__(self, message: str, status: int, detail: str) -> None:
        super().__init__(message, status)
        self.detail = detail
