"""Access control of the pages, with the sign-in form and error pages."""

from __future__ import annotations

import time
from contextlib import suppress
from functools import partial, wraps
from typing import TYPE_CHECKING, TypeAlias

from sage.access.audit.event import Surface, note_surface
from sage.access.authorization import NOBODY, OF_ANOTHER_ACCOUNT, acting_as
from sage.api.access import is_by_another_account, required_token
from sage.api.problems import translation_of
from sage.config.container import console_command
from sage.console.addresses import PublicAddress
from sage.console.context import PageContext
from sage.console.cookie import SERVER_TOKEN_NUMBER, SignInCookie
from sage.domain.caller import OWNER_BY_TOKEN
from sage.errors import ForbiddenError, NotFoundError, SageError, StoreError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from sage.access.authentication import Authentication
    from sage.bootstrap import Services
    from sage.config.server_settings import ServerSettings
    from sage.domain.caller import Principal
    from sage.domain.health import Status

    PageView: TypeAlias = Callable[[PageContext], Awaitable[Response]]
    Handler: TypeAlias = Callable[[Request], Awaitable[Response]]

_CACHED_S = 10.0


class StatusCache:
    """Caches for ten seconds the state of the server that the foot of every page shows."""

    def __init__(self) -> None:
        self._known: Status | None = None
        self._until = 0.0
        self._spaces = 0
        self._spaces_until = 0.0

    async def status(self, services: Services) -> Status | None:
        """Return the state of the server; None while it is first determined."""
        now = time.monotonic()
        if now >= self._until:
            self._until = now + _CACHED_S
            self._known = (await services.health.summary()).status
        return self._known

    async def spaces(self, services: Services) -> int:
        """Return the number of spaces, as far as it is known."""
        now = time.monotonic()
        if now >= self._spaces_until:
            self._spaces_until = now + _CACHED_S
            with suppress(StoreError):
                self._spaces = await services.accounts.count_spaces()
        return self._spaces


WHOLE_PAGES = ("/",)
"""Pages of which the browser requests a part, also if they report an error."""
_NO_CHANGE = ForbiddenError(
    "the form was sent by another page, so nothing was changed",
    hint="open the page here and try again",
)

_NO_PAGE = NotFoundError(
    "there is no page at this address", hint="check the address, or start from the home page"
)


class PageGuard:
    """Admits requests to pages, by the cookie where a token is required."""

    def __init__(self, server: ServerSettings, authentication: Authentication) -> None:
        self.authentication = authentication
        self.addresses = PublicAddress(server.public_url)
        token = required_token(server)
        self._cache = StatusCache()
        self.cookie = None if token is None else SignInCookie(token, self.addresses.origin_of)

    def signed_in(self, page: PageView) -> Handler:
        """Return the endpoint of a page that requires signing in, if the server does."""

        async def authenticated(context: PageContext) -> Response:
            context.principal = await self.principal_of(context)
            if context.principal is NOBODY:
                return _sign_in_first(context)
            context.request.scope["principal"] = context.principal
            context.state = await self._cache.status(context.services)
            if context.principal.manages_all:
                context.manages_others = await self._cache.spaces(context.services) > 1
            with acting_as(context.principal):
                return await page(context)

        return self.public(wraps(page)(authenticated))

    def public(self, page: PageView) -> Handler:
        """Return the endpoint of a public page, with errors shown as a page."""

        @wraps(page)
        async def endpoint(request: Request) -> Response:
            note_surface(Surface.CONSOLE)
            context = PageContext(request, self.addresses, signs_in=self.cookie is not None)
            try:
                if request.method == "POST":
                    self._refuse_forged(request)
                return await page(context)
            except SageError as error:
                return _error_page(context, error)

        return endpoint

    def lost(self) -> Handler:
        """Return the endpoint for unknown addresses; it leads back to the first page."""

        async def lost(context: PageContext) -> Response:
            context.principal = await self.principal_of(context)
            return _error_page(context, _NO_PAGE, is_lost=True)

        return self.public(lost)

    async def principal_of(self, context: PageContext) -> Principal:
        """Return the principal of a request; NOBODY if they must sign in.

        Raises ForbiddenError for another account of this machine, StoreError.
        """
        if self.cookie is None:
            another = partial(is_by_another_account, context.request.scope)
            principal = self.authentication.known(b"", by_another=another)
            if principal is NOBODY:
                raise OF_ANOTHER_ACCOUNT
            return principal
        shown = self.cookie.read(context.request)
        if shown is None:
            return NOBODY
        if shown.number == SERVER_TOKEN_NUMBER:
            return OWNER_BY_TOKEN if self.cookie.is_valid(shown, context.request) else NOBODY
        found = await context.services.tokens.principal_by_number(shown.number)
        if found is None or not self.cookie.is_valid(shown, context.request, found[0]):
            return NOBODY
        return found[1]

    def _refuse_forged(self, request: Request) -> None:
        """Refuse a form that was not sent by a page of this Sage. Raises ForbiddenError."""
        site = request.headers.get("sec-fetch-site")
        if site is None:  # not sent by older browsers, nor without TLS but on loopback
            origin = request.headers.get("origin", "").lower()
            is_own = origin == self.addresses.origin_of(request)
        else:
            is_own = site == "same-origin"
        if not is_own:
            raise _NO_CHANGE


def sign_in_page(
    context: PageContext, *, there: str | None = None, is_wrong: bool = False
) -> Response:
    """Return the page that asks for a token; `there` is shown next, by default this path."""
    return context.render(
        "sign_in.html",
        status=401,
        there=context.there if there is None else there,
        is_wrong=is_wrong,
        console_command=console_command(),
    )


def _sign_in_first(context: PageContext) -> Response:
    """Ask for a token instead of the page; a part of a page is requested again as a whole."""
    page = sign_in_page(context)
    if context.is_partial:
        page.headers["hx-refresh"] = "true"
    return page


def _error_page(context: PageContext, error: SageError, *, is_lost: bool = False) -> Response:
    row = translation_of(error)
    is_part = context.is_partial and context.request.url.path not in WHOLE_PAGES
    template = "trouble.html" if is_part else "problem.html"
    return context.render(
        template, status=row.status, title=row.title, error=error, is_lost=is_lost
    )
