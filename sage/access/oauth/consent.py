"""Asks users whether an app may have access. They sign in with a token, each time."""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING, Any

from mcp.server.auth.provider import construct_redirect_uri
from starlette.responses import RedirectResponse

from sage.access.accounts.secrets import digest, is_of_machine
from sage.access.audit.event import note_ids, note_refusal
from sage.access.audit.management import record_change
from sage.access.oauth.addresses import CONSENT_PATH
from sage.access.oauth.page import consent_page, gone_page
from sage.access.oauth.store import CODE_LIFETIME, store_secret
from sage.domain.caller import OWNER_BY_TOKEN
from sage.phrases.language import preferred
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from sage.access.limits.failed_tokens import FailedTokens
    from sage.access.oauth.server import OAuthServer

MAX_ATTEMPTS = 5
_SERVER_LOGIN = {"token_id": None, "name": OWNER_BY_TOKEN.token, "user_name": None}
_COOKIE_LIFETIME_S = 600
_KEPT_WITH_CODE = ("code_challenge", "redirect_uri", "redirect_uri_provided_explicitly")
_FIND = query("find_oauth_request")
_ANSWER = query("answer_oauth_request")
_COUNT_ATTEMPT = query("count_oauth_attempt")
_FIND_LOGIN = query("find_login")
_CREATE_GRANT = query("create_oauth_grant")


async def consent(request: Request, server: OAuthServer, failed_tokens: FailedTokens) -> Response:
    """Show the page, or handle its form.

    Raises RateLimitError for a wrong token from an address that has sent too many.
    """
    if request.method == "GET":
        return await _ask(request, server, request.query_params.get("request", ""))
    form = {key: value for key, value in (await request.form()).items() if isinstance(value, str)}
    request_id, form_key = form.get("request", ""), form.get("form_key", "")
    # Only the page itself has the value of the cookie: no other page can send this form.
    key = request.cookies.get(_cookie_of(request_id), "")
    if not key or not hmac.compare_digest(key.encode(), form_key.encode()):
        return gone_page(_language(request))
    if form.get("answer") != "allow":
        return await _deny(request, server, request_id)
    token, address = form.get("token", "").strip(), request.scope["client_address"]
    excess = failed_tokens.excess(address)
    answer = await _allow(request, server, request_id, token)
    if answer is not None:
        return answer
    failed_tokens.failed(address, digest(token))
    if excess:
        raise excess
    note_refusal("allow_app", "token")
    return await _ask(request, server, request_id, wrong_token=True)


async def _ask(
    request: Request, server: OAuthServer, request_id: str, *, wrong_token: bool = False
) -> Response:
    async with server.database.across_spaces() as conn:
        asked = await conn.fetchrow(_FIND, digest(request_id))
    if asked is None:
        return gone_page(_language(request))
    form_key = secrets.token_urlsafe(32)
    page = consent_page(
        _language(request),
        name=asked["params"]["client_name"],
        client_id=asked["client_id"],
        redirect_uri=asked["params"]["redirect_uri"],
        scopes=asked["params"]["scopes"],
        request_id=request_id,
        form_key=form_key,
        wrong_token=wrong_token,
    )
    page.set_cookie(
        _cookie_of(request_id),
        form_key,
        max_age=_COOKIE_LIFETIME_S,
        path=CONSENT_PATH,
        secure=server.addresses.issuer.startswith("https:"),
        httponly=True,
        samesite="strict",
    )
    return page


async def _deny(request: Request, server: OAuthServer, request_id: str) -> Response:
    async with server.database.across_spaces() as conn:
        asked = await conn.fetchrow(_ANSWER, digest(request_id))
    if asked is None:
        return gone_page(_language(request))
    note_refusal("deny_app", "denied")
    note_ids([asked["params"]["client_name"]])
    return _redirect(server, asked["params"], error="access_denied")


async def _allow(
    request: Request, server: OAuthServer, request_id: str, token: str
) -> Response | None:
    """Create a grant and send a code to the app; None if the token is not valid.

    A machine's token is not valid here: an app would get more access than the token itself has.
    """
    key, login = digest(request_id), digest(token)
    async with server.database.transaction_across_spaces() as conn:
        found = None if is_of_machine(token) else await conn.fetchrow(_FIND_LOGIN, login)
        if hmac.compare_digest(login, server.server_digest):
            found = _SERVER_LOGIN
        if found is not None and (asked := await conn.fetchrow(_ANSWER, key)):
            params, code = asked["params"], secrets.token_urlsafe(32)
            app = asked["client_id"], params["client_name"]
            grant_id = await conn.fetchval(_CREATE_GRANT, *app, found["token_id"], login)
            who = {"token": found["name"], "user": found["user_name"]}
            await record_change(conn, "allow_app", f"oauth:{grant_id}", app[1], **who)
            kept = {name: params[name] for name in _KEPT_WITH_CODE}
            granted = {"scopes": params["scopes"], "lifetime": CODE_LIFETIME, "params": kept}
            await store_secret(conn, grant_id, "code", code, **granted)
            return _redirect(server, params, code=code)
        if found is not None:
            note_refusal("allow_app", "token")
            return gone_page(_language(request))
        if not await conn.fetchval(_COUNT_ATTEMPT, key, MAX_ATTEMPTS):
            await conn.execute(_ANSWER, key)
    return None


def _redirect(server: OAuthServer, params: Mapping[str, Any], **answer: str) -> Response:
    """Redirect the browser to the app with an answer and its issuer (RFC 9207)."""
    url = construct_redirect_uri(
        params["redirect_uri"], **answer, state=params["state"], iss=server.addresses.issuer
    )
    return RedirectResponse(url, status_code=303, headers={"cache-control": "no-store"})


def _cookie_of(request_id: str) -> str:
    """Return the name of a request's cookie, since several may be open in one browser."""
    return f"sage_consent_{digest(request_id).hex()[:16]}"


def _language(request: Request) -> str:
    return preferred(request.headers.get("accept-language", ""))
