"""The cookie of a signed-in user: it names a token, and is valid as long as that is.

It is signed with a key derived from SAGE_TOKEN and with the digest of the token it names: it
becomes invalid when that token is revoked or rotated, or when SAGE_TOKEN changes. Every server with
the same SAGE_TOKEN accepts it, and nothing is stored about it. Cookies do not distinguish ports:
without TLS it is bound to the address that it was made for, and short-lived.
"""

from __future__ import annotations

import hmac
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.access.accounts.secrets import digest

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

SERVER_TOKEN_NUMBER = 0
"""The number used for SAGE_TOKEN, which has none."""
_LIFETIME_S = 30 * 24 * 3600
_LIFETIME_WITHOUT_TLS_S = 12 * 3600
_FORM = re.compile(r"([0-9]{1,19})\.([0-9]{1,12})\.([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class PresentedCookie:
    """A well-formed cookie that has not expired; its signature is not checked yet."""

    number: int
    expires: int
    signature: str


class SignInCookie:
    """Creates and checks cookies. `origin_of` returns the address that a browser sees."""

    def __init__(
        self,
        server_token: str,
        origin_of: Callable[[Request], str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._key = hmac.digest(server_token.encode(), b"sage console 1", "sha256")
        self._server_digest = digest(server_token)
        self._origin_of = origin_of
        self._clock = clock

    def set(
        self, response: Response, request: Request, number: int, kept: bytes | None = None
    ) -> None:
        """Set the cookie of a token on a response; `kept` is the digest of the token."""
        origin = self._origin_of(request)
        lifetime = _LIFETIME_S if _has_tls(origin) else _LIFETIME_WITHOUT_TLS_S
        expires = int(self._clock()) + lifetime
        response.set_cookie(
            _name_at(origin),
            f"{number}.{expires}.{self._signature(origin, number, expires, kept)}",
            max_age=lifetime,
            path="/",
            secure=_has_tls(origin),
            httponly=True,
            samesite="strict",
        )

    def delete(self, response: Response, request: Request) -> None:
        """Delete the cookie by a response."""
        origin = self._origin_of(request)
        response.delete_cookie(
            _name_at(origin), secure=_has_tls(origin), httponly=True, samesite="strict"
        )

    def read(self, request: Request) -> PresentedCookie | None:
        """Return the cookie of a request; None without one, or if it has expired."""
        name = _name_at(self._origin_of(request))
        found = _FORM.fullmatch(request.cookies.get(name, ""))
        if found is None or int(found[2]) <= self._clock():
            return None
        return PresentedCookie(int(found[1]), int(found[2]), found[3])

    def is_valid(self, shown: PresentedCookie, request: Request, kept: bytes | None = None) -> bool:
        """Return whether a cookie was signed here, for this address and the current token."""
        signature = self._signature(self._origin_of(request), shown.number, shown.expires, kept)
        return hmac.compare_digest(signature, shown.signature)

    def _signature(self, origin: str, number: int, expires: int, kept: bytes | None) -> str:
        version = (self._server_digest if kept is None else kept).hex()
        signed = f"{origin}\n{number}\n{expires}\n{version}"
        return hmac.digest(self._key, signed.encode(), "sha256").hex()


def _has_tls(origin: str) -> bool:
    return origin.startswith("https:")


def _name_at(origin: str) -> str:
    if _has_tls(origin):
        return "__Host-sage"
    return f"sage_{origin.rpartition(':')[2]}" if origin.count(":") > 1 else "sage"
