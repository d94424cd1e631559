"""Asks callers for the bearer token."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, cast

from sage.access.accounts.secrets import MARK, is_token
from sage.access.oauth.addresses import MCP_PATH
from sage.access.oauth.gate import is_by_oauth
from sage.access.oauth.store import ACCESS_MARK
from sage.api.access import BY_OWNER
from sage.api.caller import NOBODY, acting_as
from sage.api.problems import present_error, problem_response
from sage.domain.caller import OWNER_BY_TOKEN, OWNER_OF_DEFAULT
from sage.errors import ForbiddenError, StoreError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from sage.access.limits.failed_tokens import FailedTokens
    from sage.access.oauth.addresses import Addresses
    from sage.access.oauth.server import OAuthServer
    from sage.api.problems import ProblemResponse
    from sage.bootstrap import Services
    from sage.domain.caller import Principal
    from sage.errors import RateLimitError

METRICS_PATH = "/metrics"
OPEN_PATHS = frozenset({"/health", "/health/liveness", "/health/readiness"})
PROBE_PATHS = OPEN_PATHS | {METRICS_PATH}
"""What programs ask for again and again: it is always let through and seldom logged."""
DOCUMENTATION_PATHS = frozenset({"/docs", "/openapi.json"})

_HINT = (
    "send the header `Authorization: Bearer` followed by the value of SAGE_TOKEN, or by a token "
    "made by `sage token create`"
)


class BearerAuth:
    """Answers 401 without a valid bearer token on every path that is not open, new routes included.

    Valid are `token` and those that `sage token create` makes; the latter open only the paths that
    begin with one of `space_paths`, others are answered by 403. With `oauth`, tokens by OAuth are
    valid at the MCP endpoint, and clients are told where to get one. Without `token` nobody needs
    one, but one that is shown counts. Missing and wrong tokens get the same answer (RFC 6750),
    until an address has shown too many wrong ones: then it is 429, and what has not even the form
    of a token is not looked up.
    Who comes by the Unix socket and shows no token is the owner, who may open every space.
    `scope["authorized"]` tells routes on open paths whether they may tell about the whole server,
    `scope["principal"]` who called, also where that was refused.
    """

    def __init__(  # noqa: PLR0913 - whom it lets in, and where
        self,
        app: ASGIApp,
        *,
        token: str | None,
        open_paths: frozenset[str],
        space_paths: tuple[str, ...],
        oauth: Addresses | None,
        failed_tokens: FailedTokens,
    ) -> None:
        self.app = app
        self._digest = None if token is None else _digest(token.encode())
        self._open_paths = open_paths
        self._space_paths = space_paths
        self._oauth = oauth
        self._failed_tokens = failed_tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path, answer = scope["path"], None
        token = _bearer_token(scope)
        shown = _digest(token)
        principal = self._owner(token, shown)
        if scope.get(BY_OWNER) and not token:
            principal, answer = await self._owner_of_all(scope)
        scope["authorized"] = principal.admin
        if principal is NOBODY and path not in self._open_paths:
            principal, answer = await self._let_in(scope, token, shown)
        scope.setdefault("principal", principal)
        with acting_as(principal):
            await (answer or self.app)(scope, receive, send)

    def _owner(self, token: bytes, shown: bytes) -> Principal:
        """Return who is known without a look-up, or NOBODY; `shown` is the digest of the token."""
        if self._digest is None:
            return NOBODY if token.startswith(MARK.encode()) else OWNER_OF_DEFAULT
        return OWNER_BY_TOKEN if hmac.compare_digest(shown, self._digest) else NOBODY

    async def _owner_of_all(self, scope: Scope) -> tuple[Principal, ProblemResponse | None]:
        """Return the owner with all spaces, and the answer where these cannot be read."""
        owner = OWNER_OF_DEFAULT if self._digest is None else OWNER_BY_TOKEN
        if scope["path"] in self._open_paths:
            return owner, None
        try:
            return await _services(scope).spaces.owner_of_all(owner), None
        except StoreError as error:
            return owner, present_error(error, to_owner=True)

    async def _let_in(
        self, scope: Scope, token: bytes, shown: bytes
    ) -> tuple[Principal, ProblemResponse | None]:
        """Return who shows a token, and the answer where that opens nothing here."""
        text, address = token.decode("latin-1"), scope["client_address"]
        excess = self._failed_tokens.excess(address) if token else None
        has_form = is_token(text) or is_token(text, ACCESS_MARK)
        if excess and not (has_form or self._failed_tokens.was_valid(shown)):
            return NOBODY, present_error(excess)
        try:
            principal = await _principal_of(text, scope)
        except StoreError as error:
            return NOBODY, present_error(error)
        if principal is None:
            if token:
                self._failed_tokens.failed(address, shown)
            return NOBODY, self._refusal(scope["path"], token, excess)
        scope["principal"] = principal
        self._failed_tokens.succeeded(shown)
        if _is_oauth_discovery(scope["path"]):
            return NOBODY, self._no_document()
        if not scope["path"].startswith(self._space_paths):
            return NOBODY, present_error(_ABOUT_THE_SERVER)
        return principal, None

    def _refusal(self, path: str, token: bytes, excess: RateLimitError | None) -> ProblemResponse:
        if excess:
            return present_error(excess)
        if _is_oauth_discovery(path):
            return self._no_document()
        error = "invalid_token" if token else None
        return _token_needed(self._oauth.challenge(error) if self._oauth else 'Bearer realm="sage"')

    def _no_document(self) -> ProblemResponse:
        """Answer that there is nothing here: clients react to 401 by registering again."""
        if self._oauth is None:
            return _not_found("Sage requires a bearer token; no OAuth server answers here", _HINT)
        return _not_found(
            "Sage has no such document", f"read {self._oauth.resource_metadata} about OAuth here"
        )


async def _principal_of(token: str, scope: Scope) -> Principal | None:
    """Return who shows a token. One by OAuth is for the MCP endpoint and nothing else."""
    oauth = _oauth(scope)
    issuer = None if oauth is None else oauth.issuer or oauth.gate
    if issuer is None or not is_by_oauth(token):
        return await _services(scope).tokens.principal_of(token)
    return await issuer.principal_of(token) if scope["path"].rstrip("/") == MCP_PATH else None


def _services(scope: Scope) -> Services:
    return cast("Services", scope["app"].state.services)


def _oauth(scope: Scope) -> OAuthServer | None:
    return cast("OAuthServer | None", scope["app"].state.oauth)


_ABOUT_THE_SERVER = ForbiddenError(
    "this is about the whole server; the token opens spaces",
    hint="use SAGE_TOKEN",
)


def _bearer_token(scope: Scope) -> bytes:
    """Return the token of a request; empty where it shows none or several."""
    values = [value for name, value in scope["headers"] if name == b"authorization"]
    if len(values) != 1:
        return b""
    scheme, _, token = values[0].partition(b" ")
    return token.strip() if scheme.lower() == b"bearer" else b""


def _is_oauth_discovery(path: str) -> bool:
    return path.startswith("/.well-known/") or path == "/register"


def _not_found(detail: str, hint: str) -> ProblemResponse:
    return problem_response(404, "no-route", "Not Found", detail=detail, hint=hint)


def _token_needed(challenge: str) -> ProblemResponse:
    return problem_response(
        401,
        "token",
        "Authentication required",
        detail="the request carries no valid bearer token",
        hint=_HINT,
        headers={"www-authenticate": challenge},
    )


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()
