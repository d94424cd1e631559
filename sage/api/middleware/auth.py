"""Authenticates callers by their bearer token."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, cast

from sage.access.authentication import Credentials
from sage.access.authorization import (
    ABOUT_THE_SERVER,
    NOBODY,
    OF_ANOTHER_ACCOUNT,
    acting_as,
)
from sage.api.access import BY_OWNER, is_by_another_account
from sage.api.problems import present_error, problem_response
from sage.api.routes_at_path import has_page_for_lost
from sage.clients.connect.server import MCP_PATH
from sage.errors import ForbiddenError, RateLimitError, StoreError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Container

    from starlette.types import ASGIApp, Receive, Scope, Send

    from sage.access.authentication import Authentication
    from sage.access.oauth.addresses import OAuthUrls
    from sage.access.oauth.server import OAuthServer
    from sage.api.problems import ProblemResponse
    from sage.bootstrap import Services
    from sage.domain.caller import Principal

METRICS_PATH = "/metrics"
DETAILED_HEALTH_PATH = "/health/detailed"
HOOK_PATH = "/api/v1/hooks"
IMPORT_PATH = "/api/v1/imports"
IMPORT_FILE_PATH = f"{IMPORT_PATH}/files"
OPEN_PATHS = frozenset({"/health", "/health/liveness", "/health/readiness"})
PROBE_PATHS = OPEN_PATHS | {METRICS_PATH}
"""The paths that programs request periodically: always allowed and seldom logged."""
DOCUMENTATION_PATHS = frozenset({"/docs", "/openapi.json"})

_HINT = (
    "send the header `Authorization: Bearer` followed by the value of SAGE_TOKEN, or "
    "by a token created with `sage token create`"
)
_HINT_OF_NONE = (
    "this Sage requires no token: send none, or a valid one, as `sage token create` creates it; "
    "set SAGE_TOKEN to require one of everyone"
)


@dataclass(frozen=True, slots=True)
class OpenPaths:
    """Paths that require no token: some by name, and those that begin with one of the prefixes."""

    named: frozenset[str]
    prefixes: tuple[str, ...] = ()

    def __contains__(self, path: object) -> bool:
        """Return whether a path is open."""
        return path in self.named or str(path).startswith(self.prefixes)


class BearerAuth:
    """Answers 401 without a valid bearer token on every path that is not open, also on new routes.

    Tokens other than SAGE_TOKEN may call only the paths that begin with one of `space_paths`,
    others are answered by 403; those of machines only the paths of hooks and imports. With `oauth`,
    tokens issued by OAuth are valid at the MCP endpoint, and clients are referred to their issuer.
    Missing and wrong tokens get the same answer (RFC 6750). Where no token is required, other
    accounts of this machine get 403 without one. A caller on the Unix socket without a
    token is the owner, who may open every space. `scope["authorized"]` is whether routes on open
    paths may report on the whole server, `scope["principal"]` is the caller, also of a rejected
    request.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        authentication: Authentication,
        open_paths: Container[str],
        space_paths: tuple[str, ...],
        oauth: OAuthUrls | None,
    ) -> None:
        self.app = app
        self._authentication = authentication
        self._open_paths = open_paths
        self._space_paths = space_paths
        self._oauth = oauth

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or reject it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        token = _bearer_token(scope)
        is_open = scope["path"] in self._open_paths or (not token and has_page_for_lost(scope))
        by_socket = bool(scope.get(BY_OWNER)) and not token
        principal = self._authentication.known(
            token, by_socket=by_socket, by_another=partial(is_by_another_account, scope)
        )
        answer, requires_token = None, self._authentication.requires_token
        scope["authorized"] = principal.admin
        if by_socket and not is_open:
            principal, answer = await self._with_all_spaces(principal, scope)
        elif principal is NOBODY and not is_open and not (token or requires_token):
            answer = present_error(OF_ANOTHER_ACCOUNT)
        elif principal is NOBODY and not is_open:
            principal, answer = await self._let_in(scope, token)
        scope.setdefault("principal", principal)
        with acting_as(principal):
            await (answer or self.app)(scope, receive, send)

    async def _with_all_spaces(
        self, owner: Principal, scope: Scope
    ) -> tuple[Principal, ProblemResponse | None]:
        """Return the owner with all spaces, and an error response if these cannot be read."""
        try:
            return await _services(scope).spaces.owner_of_all(owner), None
        except StoreError as error:
            return owner, present_error(error, to_owner=True)

    async def _let_in(self, scope: Scope, token: bytes) -> tuple[Principal, ProblemResponse | None]:
        """Return the principal of a token, and an error response if it gives no access here."""
        path, oauth = scope["path"], cast("OAuthServer | None", scope["app"].state.oauth)
        at_mcp = path.rstrip("/") == MCP_PATH
        shown = Credentials(token, scope["client_address"], takes_apps=at_mcp)
        try:
            principal = await self._authentication.principal_of(
                shown, _services(scope).tokens, oauth
            )
        except (RateLimitError, StoreError) as error:
            return NOBODY, present_error(error)
        if principal is None:
            return NOBODY, self._refusal(path, token)
        scope["principal"] = principal
        if _is_oauth_discovery(path):
            return NOBODY, self._no_document()
        if not path.startswith(self._space_paths):
            return NOBODY, present_error(ABOUT_THE_SERVER)
        if principal.of_machine and not _is_for_machines(path):
            return NOBODY, present_error(_OF_MACHINE)
        return principal, None

    def _refusal(self, path: str, token: bytes) -> ProblemResponse:
        if _is_oauth_discovery(path):
            return self._no_document()
        error = "invalid_token" if token else None
        challenge = self._oauth.challenge(error) if self._oauth else 'Bearer realm="sage"'
        return _token_needed(
            challenge, _HINT if self._authentication.requires_token else _HINT_OF_NONE
        )

    def _no_document(self) -> ProblemResponse:
        """Return 404 for OAuth metadata: clients react to 401 by registering again."""
        if self._oauth is None and not self._authentication.requires_token:
            return _not_found("Sage requires no token", _HINT_OF_NONE)
        if self._oauth is None:
            return _not_found("Sage requires a bearer token; OAuth is not enabled here", _HINT)
        return _not_found(
            "Sage has no such document",
            phrase(
                "read {url} about OAuth here",
                url=self._oauth.resource_metadata,
            ),
        )


def _services(scope: Scope) -> Services:
    return cast("Services", scope["app"].state.services)


_OF_MACHINE = ForbiddenError(
    "a machine token is only valid for hooks and imports",
    hint="use a token created with `sage token create --space NAME`",
)


def _bearer_token(scope: Scope) -> bytes:
    """Return the token of a request; empty if it has none or several."""
    values = [value for name, value in scope["headers"] if name == b"authorization"]
    if len(values) != 1:
        return b""
    scheme, _, token = values[0].partition(b" ")
    return token.strip() if scheme.lower() == b"bearer" else b""


def _is_for_machines(path: str) -> bool:
    return path == IMPORT_PATH or path.startswith((f"{HOOK_PATH}/", f"{IMPORT_PATH}/"))


def _is_oauth_discovery(path: str) -> bool:
    return path.startswith("/.well-known/") or path == "/register"


def _not_found(detail: str, hint: str) -> ProblemResponse:
    return problem_response(404, "no-route", "Not Found", detail=detail, hint=hint)


def _token_needed(challenge: str, hint: str) -> ProblemResponse:
    return problem_response(
        401,
        "token",
        "Authentication required",
        detail="the request carries no valid bearer token",
        hint=hint,
        headers={"www-authenticate": challenge},
    )
