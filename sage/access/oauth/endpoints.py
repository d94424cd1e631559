"""The routes of the OAuth server: the MCP SDK's handlers, and checks that these lack."""

from __future__ import annotations

import re
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qs, urlsplit

from mcp.server.auth.handlers.authorize import AuthorizationHandler
from mcp.server.auth.handlers.register import RegistrationHandler
from mcp.server.auth.handlers.token import TokenHandler
from mcp.server.auth.middleware.client_auth import ClientAuthenticator
from mcp.server.auth.provider import construct_redirect_uri
from mcp.server.auth.routes import cors_middleware
from mcp.server.auth.settings import ClientRegistrationOptions
from starlette.responses import JSONResponse
from starlette.routing import Route

from sage.access.audit.event import note_refusal
from sage.access.limits.client_address import network_of
from sage.access.oauth import addresses
from sage.access.oauth.addresses import resource_metadata, server_metadata
from sage.access.oauth.consent import consent
from sage.access.oauth.limits import form_problem
from sage.access.oauth.provider import Provider

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from sage.access.oauth.limits import OAuthLimits
    from sage.access.oauth.server import OAuthServer

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")  # RFC 7636, section 4.1
_EXCHANGES = {"authorization_code": "issue_tokens", "refresh_token": "refresh_tokens"}


def oauth_routes(
    opened: Callable[[], OAuthServer], limits: OAuthLimits, *, is_issuer: bool
) -> list[Route]:
    """Return the routes for the application to serve; `opened` is called for each request.

    If another server issues the tokens, only the metadata that points to it is served.
    """
    endpoints = _Endpoints(opened, limits)

    def public(path: str, endpoint: Callable[[Request], Awaitable[Response]], method: str) -> Route:
        methods = [method, "OPTIONS"]
        return Route(path, cors_middleware(endpoint, methods), methods=methods)

    paths = addresses.RESOURCE_METADATA_PATHS
    way = [public(path, endpoints.resource, "GET") for path in paths]
    if not is_issuer:
        return way
    return [
        *way,
        *(public(path, endpoints.server, "GET") for path in addresses.SERVER_METADATA_PATHS),
        public(addresses.REGISTER_PATH, endpoints.register, "POST"),
        public(addresses.TOKEN_PATH, endpoints.token, "POST"),
        public(addresses.REVOKE_PATH, endpoints.revoke, "POST"),
        Route(addresses.AUTHORIZE_PATH, endpoints.authorize, methods=["GET", "POST"]),
        Route(addresses.CONSENT_PATH, endpoints.consent, methods=["GET", "POST"]),
    ]


def _taking_form(
    endpoint: Callable[[_Endpoints, Request], Awaitable[Response]],
) -> Callable[[_Endpoints, Request], Awaitable[Response]]:
    """Count a request against the limit of its address, and check its form before parsing it."""

    @wraps(endpoint)
    async def guarded(self: _Endpoints, request: Request) -> Response:
        self.limits.take(request)
        if problem := await form_problem(request):
            return _refused("invalid_request", problem)
        return await endpoint(self, request)

    return guarded


class _Endpoints:
    def __init__(self, opened: Callable[[], OAuthServer], limits: OAuthLimits) -> None:
        self._opened = opened
        self.limits = limits

    async def resource(self, _: Request) -> Response:
        server = self._opened()
        issuer = server.addresses.issuer if server.issuer is None else server.issuer.name
        return JSONResponse(resource_metadata(server.addresses, issuer))

    async def server(self, _: Request) -> Response:
        server = self._opened()
        reads_documents = server.documents.can_read
        return JSONResponse(server_metadata(server.addresses, reads_documents=reads_documents))

    async def register(self, request: Request) -> Response:
        self.limits.take(request)
        network = network_of(request.scope["client_address"])
        provider = Provider(self._opened(), network=network)
        return await RegistrationHandler(provider, ClientRegistrationOptions()).handle(request)

    @_taking_form
    async def authorize(self, request: Request) -> Response:
        """Begin an authorization request; errors name the issuer (RFC 9207)."""
        server = self._opened()
        provider = Provider(server, reads_documents=True)
        answer = await AuthorizationHandler(provider).handle(request)
        location = answer.headers.get("location", "")
        if "error" in parse_qs(urlsplit(location).query):
            named = construct_redirect_uri(location, iss=server.addresses.issuer)
            answer.headers["location"] = named
        return answer

    @_taking_form
    async def token(self, request: Request) -> Response:
        """Exchange a code or a refresh token, for this resource only (RFC 8707)."""
        server = self._opened()
        form = await request.form()
        if error := _token_problem(form, server):
            return _refused(*error)
        provider = Provider(server)
        handler = TokenHandler(provider, ClientAuthenticator(provider))
        answer = cast("Response", await handler.handle(request))
        if answer.status_code >= HTTPStatus.BAD_REQUEST:
            note_refusal(_EXCHANGES.get(str(form.get("grant_type")), "issue_tokens"), "token")
        return answer

    @_taking_form
    async def revoke(self, request: Request) -> Response:
        """Revoke the grant of a token, whether or not the token exists (RFC 7009)."""
        form = await request.form()
        token, client_id = form.get("token"), form.get("client_id")
        if not isinstance(token, str) or not isinstance(client_id, str):
            return _refused("invalid_request", "token and client_id are required")
        await self._opened().secrets.revoke(token, client_id)
        return JSONResponse({})

    @_taking_form
    async def consent(self, request: Request) -> Response:
        return await consent(request, self._opened(), self.limits.failed_tokens)


def _token_problem(form: Mapping[str, object], server: OAuthServer) -> tuple[str, str] | None:
    """Return the error and description of a fault that the SDK's handler does not check."""
    if "grant_type" in form and form["grant_type"] not in _EXCHANGES:
        return "unsupported_grant_type", "use authorization_code or refresh_token"
    if not server.addresses.is_resource(form.get("resource")):
        return "invalid_target", f"the resource here is {server.addresses.resource}"
    verifier = form.get("code_verifier")
    if isinstance(verifier, str) and not _VERIFIER.fullmatch(verifier):
        return "invalid_request", "code_verifier has to be 43 to 128 unreserved characters"
    return None


def _refused(error: str, description: str) -> JSONResponse:
    return JSONResponse({"error": error, "error_description": description}, status_code=400)
