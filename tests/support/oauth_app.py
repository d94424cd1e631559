"""An app that makes its OAuth requests by hand, so that any of them can be wrong."""

import base64
import hashlib
import secrets
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.support.oauth import REDIRECT, User


class App:
    """Knows its client id; every method takes what is to be different in the request."""

    def __init__(self, url, token):
        self.url, self.user = url, User(token)
        self.http = httpx.AsyncClient(base_url=url, timeout=30)
        self.verifier = secrets.token_urlsafe(48)
        self.client_id = None

    async def __aenter__(self):
        self.client_id = (await self.register()).json()["client_id"]
        return self

    async def __aexit__(self, *_):
        await self.http.aclose()

    async def register(self, **changed):
        about = {"client_name": "Test app", "redirect_uris": [REDIRECT]} | changed
        return await self.http.post("/register", json=about)

    async def authorize(self, **changed):
        """Send the browser to Sage; give the answer, which is not followed."""
        challenge = hashlib.sha256(self.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": REDIRECT,
            "code_challenge": base64.urlsafe_b64encode(challenge).decode().rstrip("="),
            "code_challenge_method": "S256",
            "state": "s",
        } | changed
        asked = {name: value for name, value in asked.items() if value is not None}
        return await self.http.get("/authorize", params=asked)

    async def page(self, **changed):
        return await self.http.get((await self.authorize(**changed)).headers["location"])

    async def code(self, **changed):
        """Let the user allow it, and give the code."""
        answered = await self.user.send(self.http, await self.page(**changed))
        return said(answered)["code"]

    async def exchange(self, code, **changed):
        form = {
            "grant_type": "authorization_code",
            "client_id": self.client_id,
            "code": code,
            "code_verifier": self.verifier,
            "redirect_uri": REDIRECT,
        } | changed
        return await self.http.post("/token", data=form)

    async def refresh(self, refresh_token, **changed):
        form = {
            "grant_type": "refresh_token",
            "client_id": self.client_id,
            "refresh_token": refresh_token,
        } | changed
        return await self.http.post("/token", data=form)

    async def status(self, token, path="/mcp"):
        """Call with a token; 400 where it opens the endpoint: the call says nothing."""
        shown = {"authorization": f"Bearer {token}"}
        return (await self.http.post(path, headers=shown, json={})).status_code


def said(answer):
    """Return what a redirect tells the app."""
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    return {name: value for name, (value,) in query.items()}
