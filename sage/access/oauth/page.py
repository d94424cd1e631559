"""The page on which users allow or deny an app access: HTML without scripts and foreign parts."""

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

if TYPE_CHECKING:
    from collections.abc import Collection

    from sage.access.oauth.page_texts import Texts

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
    texts: Texts,
    *,
    name: str,
    client_id: str,
    redirect_uri: str,
    scopes: Collection[str],
    request_id: str,
    form_key: str,
    wrong_token: bool,
) -> HTMLResponse:
    """Return the page that asks. What an app says of itself is escaped."""
    place = host = urlsplit(redirect_uri).netloc
    if is_loopback_redirect(redirect_uri):
        place = texts.this_machine.format(host=host)
    elif scheme := private_scheme(redirect_uri):
        place = texts.this_app.format(address=f"{scheme}://{host}")
    rights = [texts.reads, *([texts.writes] if WRITE in scopes else [])]
    error = f'<p class="error" role="alert">{escape(texts.wrong_token)}</p>' if wrong_token else ""
    return _page(
        texts,
        texts.title,
        f"""<p>{escape(texts.asks.format(name=name))}</p>
<p class="hint">{escape(texts.name_is_claimed)}</p>
<dl>
<dt>{escape(texts.answer_goes_to)}</dt><dd><strong>{escape(place)}</strong></dd>
<dt>client_id</dt><dd>{escape(client_id)}</dd>
</dl>
<p>{escape(texts.would)}</p>
<ul>{"".join(f"<li>{escape(right)}</li>" for right in rights)}</ul>
{error}<form method="post" action="{CONSENT_PATH}">
<input type="hidden" name="request" value="{escape(request_id)}">
<input type="hidden" name="form_key" value="{escape(form_key)}">
<input name="username" value="sage" autocomplete="username" hidden>
<label for="token">{escape(texts.token)}</label>
<input id="token" name="token" type="password" required autocomplete="current-password">
<p class="hint">{escape(texts.token_hint)}</p>
<p class="buttons">
<button name="answer" value="allow">{escape(texts.allow)}</button>
<button name="answer" value="deny" formnovalidate>{escape(texts.deny)}</button>
</p>
</form>""",
        status=403 if wrong_token else 200,
    )


def gone_page(texts: Texts) -> HTMLResponse:
    """Return the page that says that a request cannot be answered any more."""
    return _page(texts, texts.gone_title, f"<p>{escape(texts.gone)}</p>", status=404)


def _page(texts: Texts, title: str, body: str, status: int) -> HTMLResponse:
    return HTMLResponse(
        f"""<!DOCTYPE html>
<html lang="{texts.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{escape(title)} - Sage</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>{escape(title)}</h1>
{body}
</main>
</body>
</html>
""",
        status_code=status,
        headers=_HEADERS,
    )
