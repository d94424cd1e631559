"""What may come instead of an answer of Sage."""

from __future__ import annotations

SLOW, UNREACHABLE, UNPROVEN, REVOKED, OLDER = "slow", "unreachable", "unproven", "revoked", "older"
OUTAGES = {SLOW, UNREACHABLE}
"""Kinds of failures after which the next request may well be answered."""


class ServerError(OSError):
    """Sage did not answer, or refused; `status` is the HTTP status, 0 without an answer of Sage.

    `kind` is one of those above, of which the next request in a row is no better; else empty. `why`
    is the reason without the host, where more can be said than the kind.
    """

    kind = ""
    why = ""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(0, message)
        self.status = status


class UnansweredError(ServerError):
    """Sage, or what stands in its place, did not answer in time.

    It is slow if it was `reached`: somebody took the connection.
    """

    def __init__(self, message: str, *, reached: bool) -> None:
        super().__init__(message)
        self.kind = SLOW if reached else UNREACHABLE


class UnreachableError(ServerError):
    """There is no way to a Sage elsewhere: no address, nobody there, no certificate to trust."""

    kind = UNREACHABLE

    def __init__(self, message: str, why: str = "") -> None:
        super().__init__(message)
        self.why = why


class UntrustedError(UnreachableError):
    """A Sage elsewhere, or what stands in its place, shows no certificate that is trusted."""


class UnprovenError(ServerError):
    """What answers has not shown that it knows the token: it may be another program."""

    kind = UNPROVEN


class RevokedError(ServerError):
    """A Sage elsewhere does not know the token, or no longer."""

    kind = REVOKED


class OlderError(ServerError):
    """A Sage elsewhere has not the route that is asked for."""

    kind = OLDER


class RefusedError(ServerError):
    """Sage itself refused; `detail` is its reason."""

    def __init__(self, message: str, status: int, detail: str) -> None:
        super().__init__(message, status)
        self.detail = detail
