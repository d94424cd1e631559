"""An AI client that signs in by OAuth, with a user who answers the page without a browser."""

import re
from contextlib import asynccontextmanager
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata

REDIRECT = "http://127.0.0.1:53682/callback"
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


class Storage:
    """Keeps what a client was given, as long as a test lives."""

    def __init__(self):
        self.tokens = self.client = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client):
        self.client = client


class User:
    """Opens the page that an app sends them to, and answers it."""

    def __init__(self, token, answer="allow"):
        self.token, self.answer = token, answer
        self.asked = 0
        self.landed = None

    async def open(self, url):
        self.asked += 1
        async with httpx.AsyncClient(timeout=30) as http:
            page = await http.get(url, follow_redirects=True)
            answered = await self.send(http, page)
        self.landed = answered.headers["location"]

    async def send(self, http, page, **changed):
        """Send the form of a page, with the fields it came with."""
        form = {name: unescape(value) for name, value in _HIDDEN.findall(page.text)}
        form |= {"token": self.token, "answer": self.answer} | changed
        headers = {"origin": f"{page.url.scheme}://{page.url.netloc.decode()}"}
        return await http.post(page.url.copy_with(query=None), data=form, headers=headers)

    async def callback(self):
        said = parse_qs(urlsplit(self.landed).query)
        return AuthorizationCodeResult(
            code=said["code"][0], state=said["state"][0], iss=said["iss"][0]
        )


@asynccontextmanager
async def signed_in(url, user, storage, **options):
    """Connect as an app of the user, by the SDK's own client."""
    metadata = OAuthClientMetadata(client_name="Test app", redirect_uris=[REDIRECT])
    provider = OAuthClientProvider(
        f"{url}/mcp", metadata, storage, user.open, user.callback, **options
    )
    async with (
        httpx2.AsyncClient(auth=provider, timeout=30) as http,
        Client(streamable_http_client(f"{url}/mcp", http_client=http)) as client,
    ):
        yield client
