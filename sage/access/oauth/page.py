"""The page on which users allow or deny an app access: HTML without scripts or remote content."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse

from sage.access.oauth.addresses import CONSENT_PATH
from sage.access.oauth.redirects import is_loopback_redirect, private_scheme
from sage.access.oauth.scopes import WRITE
from sage.phrases import phrase
from sage.phrases.language import said

if TYPE_CHECKING:
    from collections.abc import Collection

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
main { max-width: 30rem; margin: 3rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem }
dl { display: grid; grid-template-columns: auto 1fr; gap: .25rem 1rem }
dd { margin: 0; overflow-wrap: anywhere }
label { display: block; font-weight: 600 }
input { width: 100%; box-sizing: border-box; padding: .5rem; font: inherit }
.error { color: light-dark(#b00020, #ff8a80); font-weight: 600 }
.hint { font-size: .875rem; opacity: .8 }
.buttons { display: flex; gap: 1rem }
button { flex: 1; padding: .6rem; font: inherit; cursor: pointer }
"""
_STYLE_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    # No form-action: browsers apply it to where the app is redirected after the form was sent.
    "content-security-policy": f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "x-frame-options": "DENY",
    # With no-referrer, browsers send `Origin: null` with the form, which the guard refuses.
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
}


def consent_page(  # noqa: PLR0913 - what the page shows
    language: str,
    *,
    name: str,
    client_id: str,
    redirect_uri: str,
    scopes: Collection[str],
    request_id: str,
    form_key: str,
    wrong_token: bool,
) -> HTMLResponse:
    """Return the page that asks. Texts from the app are escaped."""

    def translated(text: str) -> str:
        return escape(said(text, language))

    asks = phrase(
        "An app that calls itself {name} asks for access to your memories in Sage.", name=name
    )
    name_is_claimed = phrase(
        "Anyone can choose this name. Allow access only if you have just connected the app"
        " yourself."
    )
    rights = [phrase("search and read your memories")]
    if WRITE in scopes:
        rights.append(phrase("save new memories and forget existing ones"))
    wrong = translated(phrase("This token is unknown or has expired."))
    error = f'<p class="error" role="alert">{wrong}</p>' if wrong_token else ""
    token_hint = phrase(
        "The app does not see the token. It gets access to the same spaces, until you "
        "revoke it with `sage token revoke`."
    )
    return _page(
        language,
        phrase("Allow access to your memories?"),
        f"""<p>{translated(asks)}</p>
<p class="hint">{translated(name_is_claimed)}</p>
<dl>
<dt>{translated(phrase("Access is given to"))}</dt>
<dd><strong>{translated(_place(redirect_uri))}</strong></dd>
<dt>client_id</dt><dd>{escape(client_id)}</dd>
</dl>
<p>{translated(phrase("The app would be able to:"))}</p>
<ul>{"".join(f"<li>{translated(right)}</li>" for right in rights)}</ul>
{error}<form method="post" action="{CONSENT_PATH}">
<input type="hidden" name="request" value="{escape(request_id)}">
<input type="hidden" name="form_key" value="{escape(form_key)}">
<input name="username" value="sage" autocomplete="username" hidden>
<label for="token">{translated(phrase("Your Sage token"))}</label>
<input id="token" name="token" type="password" required autocomplete="current-password">
<p class="hint">{translated(token_hint)}</p>
<p class="buttons">
<button name="answer" value="allow">{translated(phrase("Allow"))}</button>
<button name="answer" value="deny" formnovalidate>{translated(phrase("Deny"))}</button>
</p>
</form>""",
        status=403 if wrong_token else 200,
    )


def gone_page(language: str) -> HTMLResponse:
    """Return the page for a request that has expired or was already answered."""
    gone = phrase(
        "It was answered, has expired, or a wrong token was entered too often. Return to the app"
        " and connect it again."
    )
    body = f"<p>{escape(said(gone, language))}</p>"
    return _page(language, phrase("This request is no longer valid"), body, status=404)


def _place(redirect_uri: str) -> str:
    """Return the destination of the answer, in words that a user knows."""
    host = urlsplit(redirect_uri).netloc
    if is_loopback_redirect(redirect_uri):
        return phrase("a program on this computer ({host})", host=host)
    if scheme := private_scheme(redirect_uri):
        address = f"{scheme}://{host}"
        return phrase("an app on this computer that opens {address}", address=address)
    return host


def _page(language: str, title: str, body: str, status: int) -> HTMLResponse:
    heading = escape(said(title, language))
    return HTMLResponse(
        f"""<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{heading} - Sage</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>{heading}</h1>
{body}
</main>
</body>
</html>
""",
        status_code=status,
        headers=_HEADERS,
    )
