"""Who is let in to the pages, and what they are told who are not."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, TypeAlias

from sage.access.audit.event import Surface, note_surface
from sage.access.authorization import NOBODY, acting_as
from sage.api.access import required_token
from sage.api.problems import translation_of
from sage.config.container import console_command
from sage.console.addresses import PublicAddress
from sage.console.cookie import SERVER_TOKEN_NUMBER, SignInCookie
from sage.console.state import StatusCache
from sage.console.visit import Visit
from sage.domain.caller import OWNER_BY_TOKEN
from sage.errors import ForbiddenError, NotFoundError, SageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from sage.access.authentication import Authentication
    from sage.config.server_settings import ServerSettings
    from sage.domain.caller import Principal

    PageView: TypeAlias = Callable[[Visit], Awaitable[Response]]
    Handler: TypeAlias = Callable[[Request], Awaitable[Response]]

WHOLE_PAGES = ("/",)
"""Pages of which a part is chosen by the browser, also where they report an error."""
_NO_CHANGE = ForbiddenError(
    "another page sent this form, so nothing was changed", hint="open the page here and try again"
)

_NO_PAGE = NotFoundError(
    "there is no page at this address", hint="check how it is written, or start from the first page"
)


class Door:
    """Admits requests to pages, by the cookie where a token is required."""

    def __init__(self, server: ServerSettings, authentication: Authentication) -> None:
        self.authentication = authentication
        self.addresses = PublicAddress(server.public_url)
        token = required_token(server)
        self._state = StatusCache()
        self.cookie = None if token is None else SignInCookie(token, self.addresses.origin_of)

    def to(self, page: PageView) -> Handler:
        """Return the endpoint of a page for those who have signed in, or need not."""

        async def let_in(visit: Visit) -> Response:
            visit.principal = await self.principal_of(visit)
            if visit.principal is NOBODY:
                return _asked_to_sign_in(visit)
            visit.request.scope["principal"] = visit.principal
            visit.state = await self._state.of(visit.services)
            if visit.principal.manages_all:
                visit.manages_others = await self._state.spaces(visit.services) > 1
            with acting_as(visit.principal):
                return await page(visit)

        return self.open(wraps(page)(let_in))

    def open(self, page: PageView) -> Handler:
        """Return the endpoint of a page for everybody, which reports errors as a page."""

        @wraps(page)
        async def endpoint(request: Request) -> Response:
            note_surface(Surface.CONSOLE)
            visit = Visit(request, self.addresses, signs_in=self.cookie is not None)
            try:
                if request.method == "POST":
                    self._refuse_forged(request)
                return await page(visit)
            except SageError as error:
                return _told(visit, error)

        return endpoint

    def lost(self) -> Handler:
        """Return the endpoint for addresses that name no page; it leads back to the first."""

        async def lost(visit: Visit) -> Response:
            visit.principal = await self.principal_of(visit)
            return _told(visit, _NO_PAGE, is_lost=True)

        return self.open(lost)

    async def principal_of(self, visit: Visit) -> Principal:
        """Return who asks; NOBODY where they have to sign in. Raises StoreError."""
        if self.cookie is None:
            return self.authentication.known(b"", by_socket=False)
        shown = self.cookie.shown_by(visit.request)
        if shown is None:
            return NOBODY
        if shown.number == SERVER_TOKEN_NUMBER:
            return OWNER_BY_TOKEN if self.cookie.is_valid(shown, visit.request) else NOBODY
        found = await visit.services.tokens.principal_numbered(shown.number)
        if found is None or not self.cookie.is_valid(shown, visit.request, found[0]):
            return NOBODY
        return found[1]

    def _refuse_forged(self, request: Request) -> None:
        """Refuse a form that no page of this Sage has sent. Raises ForbiddenError."""
        site = request.headers.get("sec-fetch-site")
        if site is None:  # not sent by older browsers, nor without TLS but on loopback
            origin = request.headers.get("origin", "").lower()
            is_own = origin == self.addresses.origin_of(request)
        else:
            is_own = site == "same-origin"
        if not is_own:
            raise _NO_CHANGE


def sign_in_page(visit: Visit, *, there: str | None = None, is_wrong: bool = False) -> Response:
    """Return the page that asks for a token; `there`: what is shown next, by default this path."""
    return visit.show(
        "sign_in.html",
        status=401,
        there=visit.there if there is None else there,
        is_wrong=is_wrong,
        console_command=console_command(),
    )


def _asked_to_sign_in(visit: Visit) -> Response:
    """Ask for a token, in the place of the page; a part of one is asked for again as a whole."""
    page = sign_in_page(visit)
    if visit.is_partial:
        page.headers["hx-refresh"] = "true"
    return page


def _told(visit: Visit, error: SageError, *, is_lost: bool = False) -> Response:
    row = translation_of(error)
    is_part = visit.is_partial and visit.request.url.path not in WHOLE_PAGES
    template = "trouble.html" if is_part else "problem.html"
    return visit.show(template, status=row.status, title=row.title, error=error, is_lost=is_lost)
