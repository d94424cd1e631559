"""What may come instead of an answer of Sage."""

from __future__ import annotations


class ServerError(OSError):
    """Sage did not answer, or refused; `status` is the HTTP status, 0 without an answer of Sage."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(0, message)
        self.status = status


class UnansweredError(ServerError):
    """Sage, or what stands in its place, did not answer in time.

    `reached`: somebody took the connection, and was too slow.
    """

    def __init__(self, message: str, *, reached: bool) -> None:
        super().__init__(message)
        self.reached = reached


class UnreachableError(ServerError):
    """There is no way to a Sage elsewhere: no address of its name, nobody there, a broken line.

    `why` is the reason without the host.
    """

    def __init__(self, message: str, why: str = "") -> None:
        super().__init__(message)
        self.why = why


class UntrustedError(UnreachableError):
    """What answers by TLS shows no certificate that is trusted."""


class UnprovenError(ServerError):
    """What answers has not shown that it knows the token: it may be another program."""


class RefusedError(ServerError):
    """Sage itself refused; `detail` is its reason."""

    def __init__(self, message: str, status: int, detail: str) -> None:
        super().__init__(message, status)
        self.detail = detail
