"""Signing in with a token, or by a link that works once; signing out."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sage.access.accounts.secrets import digest, is_of_machine
from sage.access.audit.event import note_refusal
from sage.access.authentication import Credentials
from sage.access.authorization import NOBODY
from sage.console.cookie import SERVER_TOKEN_NUMBER
from sage.console.door import sign_in_page
from sage.console.visit import is_own_path
from sage.domain.caller import OWNER_BY_TOKEN
from sage.errors import StoreError
from sage.local.data_dir.sign_in_links import take_link

if TYPE_CHECKING:
    from starlette.responses import Response

    from sage.console.cookie import SignInCookie
    from sage.console.door import Door
    from sage.console.visit import Visit

SIGN_IN_PATH = "/sign-in"


class SigningIn:
    """The pages of the door."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def sign_in(self, visit: Visit) -> Response:
        """Ask for a token, or take one. Raises RateLimitError after many wrong ones, StoreError."""
        cookie = self._door.cookie
        if cookie is None:
            return visit.go("/")
        if visit.request.method == "GET":
            return self._by_link(visit, cookie)
        form = await visit.request.form()
        there, token = str(form.get("there", "/")), str(form.get("token", "")).strip()
        there = there if is_own_path(there) else "/"
        answer = visit.go(there)
        shown = token.encode()
        owner = self._door.authentication.known(shown, by_socket=False)
        if owner is not NOBODY:
            visit.request.scope["principal"] = owner
            cookie.give(answer, visit.request, SERVER_TOKEN_NUMBER)
            return answer
        tokens = visit.services.tokens
        principal = await self._door.authentication.principal_of(_shown(visit, shown), tokens, None)
        number = None
        if principal is not None and not is_of_machine(token):
            number = await tokens.number_of(token)
        if number is None:
            note_refusal("sign_in", "token")
            return sign_in_page(visit, there=there, is_wrong=True)
        visit.request.scope["principal"] = principal
        cookie.give(answer, visit.request, number, digest(token))
        return answer

    def _by_link(self, visit: Visit, cookie: SignInCookie) -> Response:
        """Admit whoever shows a link that `sage console` has made; ask others for a token."""
        code = visit.request.query_params.get("once", "")
        if code and take_link(visit.services.settings.data_dir, code):
            answer = visit.go("/")
            visit.request.scope["principal"] = OWNER_BY_TOKEN
            cookie.give(answer, visit.request, SERVER_TOKEN_NUMBER)
            return answer
        if code:
            self._door.authentication.refuse(_shown(visit, code.encode()))
            note_refusal("sign_in", "token")
        return sign_in_page(visit, there="/", is_wrong=bool(code))

    async def sign_out(self, visit: Visit) -> Response:
        """Forget who somebody is."""
        answer = visit.go("/")
        if self._door.cookie is not None:
            with suppress(StoreError):  # who cannot be told is signed out all the same
                visit.request.scope["principal"] = await self._door.principal_of(visit)
            self._door.cookie.take_back(answer, visit.request)
        return answer


def _shown(visit: Visit, token: bytes) -> Credentials:
    return Credentials(token, visit.request.scope["client_address"], takes_apps=False)
