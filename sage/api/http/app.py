"""The web application: MCP, REST and probes behind one chain of middleware."""

from __future__ import annotations

from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from sage import __version__
from sage.access.authentication import Authentication
from sage.access.limits.client_address import ClientAddress
from sage.access.limits.failed_tokens import FailedTokens
from sage.access.limits.token_buckets import TokenBuckets
from sage.access.oauth import addresses
from sage.access.oauth.endpoints import oauth_routes
from sage.access.oauth.limits import BODY_BYTES, OAuthLimits
from sage.access.oauth.scope_challenge import ScopeChallenge
from sage.access.oauth.server import OAuthServer, oauth_server
from sage.api.access import BY_OWNER, allowed_hosts, allowed_origins, required_token
from sage.api.arguments import explain_invalid
from sage.api.http import (
    accounts,
    browsing,
    clients,
    deprecated_routes,
    given,
    hooks,
    imports,
    me,
    probes,
    projects,
    rest,
    server,
)
from sage.api.http.clients import CLIENT_ROUTES, DIGEST_PATH
from sage.api.http.clients import PATH as CLIENT_PATH
from sage.api.http.documentation import documentation_route
from sage.api.http.metrics import METRICS_ROUTE, MetricsPort
from sage.api.http.proof import proof_route
from sage.api.mcp.server import build_mcp_server, streamable_http_routes
from sage.api.middleware.auth import (
    DETAILED_HEALTH_PATH,
    DOCUMENTATION_PATHS,
    IMPORT_FILE_PATH,
    IMPORT_PATH,
    OPEN_PATHS,
    BearerAuth,
    OpenPaths,
)
from sage.api.middleware.body_limit import BodyLimit
from sage.api.middleware.call_context import CallContextProvider
from sage.api.middleware.concurrency import ConcurrencyLimit
from sage.api.middleware.host import TrustedHosts
from sage.api.middleware.lingering_close import LingeringClose
from sage.api.middleware.observer import RequestObserver
from sage.api.problems import present_error, problem_response
from sage.api.routes_at_path import is_typed, methods_at
from sage.bootstrap import open_services
from sage.clients.connect.server import MCP_PATH
from sage.clients.data_dir.proof_key import ensure_proof_key
from sage.clients.hooks.server.proof import PATH as PROOF_PATH
from sage.config.choices import AuthMode, Environment
from sage.errors import SageError
from sage.phrases import phrase
from sage.telemetry.metrics.exposition import start_metrics
from sage.telemetry.traces import sending_traces

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from pydantic_core import ErrorDetails
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from sage.bootstrap import Services
    from sage.config.server_settings import ServerSettings
    from sage.config.settings import Settings

_ROUTERS = (
    *(one.router for one in (probes, rest, browsing, given, projects, hooks)),
    *(imports.file_router, imports.router),
    *(one.router for one in (me, accounts, server, clients, deprecated_routes)),
)
_MAX_PATH_CHARS = 200
_NO_PAGE = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}
_NO_OBJECT = {"missing", "model_type", "model_attributes_type", "dict_type"}
_HTTP_ERRORS = {
    400: ("malformed", "send one JSON object in UTF-8; numbers have at most 100 digits"),
    404: ("no-route", "see {docs} for the routes"),
    405: ("method", "see {docs} for the methods of this route"),
    412: ("other-configuration", "ask without the header `sage-configuration`"),
}
_DESCRIPTION = (
    "Sage keeps conversations and finds them again. The same tools are served over MCP at `/mcp`. "
    "Errors are problem details (RFC 9457) with a `hint`."
)


class Pages(Protocol):
    """Pages for people, on open paths: they authenticate callers themselves."""

    @property
    def open_paths(self) -> frozenset[str]:
        """The paths that are open, by name."""

    @property
    def open_prefixes(self) -> tuple[str, ...]:
        """The prefixes of further open paths."""

    @property
    def streamed_paths(self) -> frozenset[str]:
        """The paths whose routes read bodies as streams, and bound them."""

    def routes(self, authentication: Authentication) -> Sequence[BaseRoute]:
        """Return the routes."""

    def not_found(self, authentication: Authentication) -> Callable[[Request], Awaitable[Response]]:
        """Return the page for an address that does not exist."""


def create_app(settings: Settings, fingerprint: str = "", pages: Pages | None = None) -> FastAPI:
    """Build the application; its lifespan opens the services and closes them.

    It answers only commands whose configuration has the same `fingerprint`. It has no pages except
    `pages`. Its start raises StartupError when the embedded Postgres cannot start, and
    ProviderError.
    """
    start_metrics()
    documented = settings.env is not Environment.PROD
    limit = settings.rate_limit
    failed_tokens = FailedTokens(TokenBuckets(limit.failures))
    authentication = Authentication(
        required_token(settings.server),
        failed_tokens,
        is_open=settings.server.auth is AuthMode.NONE,
    )
    app = FastAPI(
        title="Sage",
        version=__version__,
        description=_DESCRIPTION,
        openapi_url="/openapi.json" if documented else None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
        middleware=_guards(settings.server, authentication, pages, documented=documented),
        exception_handlers={
            SageError: _on_sage_error,
            RequestValidationError: _on_invalid,
            HTTPException: _on_http_error,
        },
    )
    app.state.settings, app.state.fingerprint = settings, fingerprint
    app.state.oauth = app.state.not_found = None
    app.state.mcp_server = build_mcp_server(
        lambda: cast("Services", app.state.services), settings.server
    )
    # First, since routes are matched in order and these are used most.
    app.router.routes += streamable_http_routes(app.state.mcp_server, settings.server)
    if documented:
        app.router.routes.append(documentation_route(app))
    app.router.routes += [
        probes.LIVENESS_ROUTE,
        METRICS_ROUTE,
        *CLIENT_ROUTES,
        proof_route(settings.server, failed_tokens),
    ]
    for router in _ROUTERS:
        app.include_router(router)
    if settings.server.has_oauth:
        app.router.routes += oauth_routes(
            lambda: cast("OAuthServer", app.state.oauth),
            OAuthLimits(failed_tokens, is_on=limit.failures > 0),
            is_issuer=settings.server.issues_tokens,
        )
    if pages is not None:
        app.router.routes += pages.routes(authentication)
        app.state.not_found = pages.not_found(authentication)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with (
        sending_traces(app.state.settings.server.traces_url, __version__),
        open_services(app.state.settings, serves=True) as services,
        services.metrics.watching(),
        app.state.mcp_server.session_manager.run(),
    ):
        app.state.services = services
        app.state.oauth = oauth_server(services.database, services.settings.server)
        app.state.proof_key = ensure_proof_key(str(app.state.settings.data_dir))
        # A proxy retries refused connections elsewhere, but not calls that would wait here.
        await services.health.wait_until_known()
        yield


def _guards(
    server: ServerSettings, authentication: Authentication, pages: Pages | None, *, documented: bool
) -> Sequence[Middleware]:
    """Return the middleware, the outermost first."""
    open_paths = OPEN_PATHS | {PROOF_PATH, CLIENT_PATH, DIGEST_PATH}
    streamed = frozenset({IMPORT_PATH, IMPORT_FILE_PATH})
    if pages is not None:
        open_paths |= pages.open_paths
        streamed |= pages.streamed_paths
    if documented:
        open_paths |= DOCUMENTATION_PATHS
    own = addresses.OAuthUrls(server.public_url or "") if server.has_oauth else None
    public_paths = oauth_paths = addresses.RESOURCE_PATHS if server.has_oauth else frozenset()
    if server.issues_tokens:
        public_paths, oauth_paths = addresses.PUBLIC_PATHS, addresses.OPEN_PATHS
    own_port = [] if server.metrics_port is None else [Middleware(MetricsPort, server=server)]
    return [
        Middleware(LingeringClose),
        *own_port,
        Middleware(ClientAddress, trusted_proxies=server.trusted_proxies),
        Middleware(RequestObserver),
        Middleware(
            TrustedHosts,
            hosts=allowed_hosts(server),
            origins=allowed_origins(server),
            public_paths=public_paths,
            probe_paths=OPEN_PATHS,
        ),
        *([] if own is None else [Middleware(ScopeChallenge, own=own)]),
        Middleware(
            BearerAuth,
            authentication=authentication,
            open_paths=OpenPaths(
                open_paths | oauth_paths, () if pages is None else pages.open_prefixes
            ),
            space_paths=("/api/", MCP_PATH, DETAILED_HEALTH_PATH, *deprecated_routes.SUCCESSORS),
            oauth=own,
        ),
        Middleware(ConcurrencyLimit),
        Middleware(BodyLimit, mcp_path=MCP_PATH, smaller=BODY_BYTES, streamed=streamed),
        Middleware(CallContextProvider),
    ]


async def _on_sage_error(request: Request, error: Exception) -> Response:
    return present_error(cast("SageError", error), to_owner=bool(request.scope.get(BY_OWNER)))


async def _on_invalid(request: Request, error: Exception) -> Response:
    findings = cast("Sequence[ErrorDetails]", cast("RequestValidationError", error).errors())
    first = findings[0]
    about_body = len(first["loc"]) == 1 and first["type"] in _NO_OBJECT
    if first["type"] == "json_invalid" or about_body:
        return problem_response(
            400,
            "malformed",
            "The body cannot be read",
            detail="body: is not a JSON object",
            hint="send a JSON object in UTF-8 with the header `content-type: application/json`",
            field="body",
        )
    return await _on_sage_error(request, explain_invalid(findings, skip=1))


async def _on_http_error(request: Request, error: Exception) -> Response:
    """Return problem details for 404, 405 and the like; to a browser that wants a page, a page."""
    http_error = cast("HTTPException", error)
    not_found = request.app.state.not_found
    if not_found is not None and http_error.status_code in _NO_PAGE and is_typed(request.scope):
        page: Response = await not_found(request)
        return page
    headers = http_error.headers
    if http_error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers = {"allow": ", ".join(methods_at(request.scope))}
    kind, hint = _HTTP_ERRORS.get(http_error.status_code, ("http", "see {docs}"))
    elsewhere = "" if request.app.openapi_url else " of a Sage that does not run with SAGE_ENV=prod"
    return problem_response(
        http_error.status_code,
        kind,
        HTTPStatus(http_error.status_code).phrase,
        detail=phrase(
            "{method} {path}: {detail}",
            method=request.method,
            path=request.url.path[:_MAX_PATH_CHARS],
            detail=http_error.detail,
        ),
        hint=hint.format(docs=f"/docs{elsewhere}"),
        headers=headers,
    )
