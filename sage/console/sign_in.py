"""Signing in with a token, or by a link that works once; signing out."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sage.access.accounts.secrets import digest, is_of_machine
from sage.access.audit.event import note_refusal
from sage.access.authentication import Credentials
from sage.access.authorization import NOBODY
from sage.console.context import is_own_path
from sage.console.cookie import SERVER_TOKEN_NUMBER
from sage.console.guard import sign_in_page
from sage.domain.caller import OWNER_BY_TOKEN
from sage.errors import StoreError
from sage.local.data_dir.sign_in_links import take_link

if TYPE_CHECKING:
    from starlette.responses import Response

    from sage.console.context import PageContext
    from sage.console.cookie import SignInCookie
    from sage.console.guard import PageGuard

SIGN_IN_PATH = "/sign-in"


class SignIn:
    """The pages that sign in and out."""

    def __init__(self, guard: PageGuard) -> None:
        self._guard = guard

    async def sign_in(self, context: PageContext) -> Response:
        """Ask for a token, or check one.

        Raises RateLimitError after many wrong ones, StoreError.
        """
        cookie = self._guard.cookie
        if cookie is None:
            return context.redirect("/")
        if context.request.method == "GET":
            return self._by_link(context, cookie)
        form = await context.request.form()
        there, token = str(form.get("there", "/")), str(form.get("token", "")).strip()
        there = there if is_own_path(there) else "/"
        answer = context.redirect(there)
        shown = token.encode()
        owner = self._guard.authentication.known(shown)
        if owner is not NOBODY:
            context.request.scope["principal"] = owner
            cookie.set(answer, context.request, SERVER_TOKEN_NUMBER)
            return answer
        tokens = context.services.tokens
        principal = await self._guard.authentication.principal_of(
            _shown(context, shown), tokens, None
        )
        number = None
        if principal is not None and not is_of_machine(token):
            number = await tokens.number_of(token)
        if number is None:
            note_refusal("sign_in", "token")
            return sign_in_page(context, there=there, is_wrong=True)
        context.request.scope["principal"] = principal
        cookie.set(answer, context.request, number, digest(token))
        return answer

    def _by_link(self, context: PageContext, cookie: SignInCookie) -> Response:
        """Sign in by a link that `sage console` created; without a valid one, ask for a token."""
        code = context.request.query_params.get("once", "")
        if code and take_link(context.services.settings.data_dir, code):
            answer = context.redirect("/")
            context.request.scope["principal"] = OWNER_BY_TOKEN
            cookie.set(answer, context.request, SERVER_TOKEN_NUMBER)
            return answer
        if code:
            self._guard.authentication.refuse(_shown(context, code.encode()))
            note_refusal("sign_in", "token")
        return sign_in_page(context, there="/", is_wrong=bool(code))

    async def sign_out(self, context: PageContext) -> Response:
        """Sign out."""
        answer = context.redirect("/")
        if self._guard.cookie is not None:
            with suppress(StoreError):  # without the database, a person is signed out all the same
                context.request.scope["principal"] = await self._guard.principal_of(context)
            self._guard.cookie.delete(answer, context.request)
        return answer


def _shown(context: PageContext, token: bytes) -> Credentials:
    return Credentials(token, context.request.scope["client_address"], takes_apps=False)
