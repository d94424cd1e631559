"""Clients whose id is the address of a document: which documents Sage reads, and what it takes."""

import json

import pytest

from sage.access.oauth.client_documents import (
    MAX_PER_MINUTE,
    ClientDocuments,
    Document,
    is_document_address,
)
from tests.support.oauth_app import App

HOSTS = ("claude.ai", "apps.example.org")
URL = "https://claude.ai/oauth/claude-code-client-metadata"
ABOUT = {
    "client_id": URL,
    "client_name": "Claude Code",
    "redirect_uris": ["http://localhost/callback"],
    "token_endpoint_auth_method": "none",
}


class Host:
    """Stands in for the host of a document, which is somewhere on the internet."""

    def __init__(self, **changed):
        self.about, self.asked, self.max_age_s = ABOUT | changed, 0, 0.0

    async def fetch(self, _url, _address):
        self.asked += 1
        if self.about is None:
            raise ConnectionError("away")
        return Document(json.dumps(self.about).encode(), self.max_age_s)


async def test_a_document_is_read_once_and_kept():
    host = Host()
    documents = ClientDocuments(HOSTS, (), host.fetch)
    for _ in range(3):
        client = await documents.client(URL)
        assert (client.client_id, client.display_name) == (URL, "Claude Code")
    assert host.asked == 1


async def test_a_host_that_is_away_does_not_shut_a_known_client_out(monkeypatch):
    monkeypatch.setattr("sage.access.oauth.client_documents._MIN_AGE_S", 0.0)
    host = Host()
    documents = ClientDocuments(HOSTS, (), host.fetch)
    assert await documents.client(URL) is not None
    host.about = None
    assert await documents.client(URL) is not None
    assert host.asked == 2
    assert await ClientDocuments(HOSTS, (), host.fetch).client(URL) is None


async def test_what_cannot_be_read_again_is_valid_for_a_day():
    host, now = Host(), [0.0]
    documents = ClientDocuments(HOSTS, (), host.fetch, lambda: now[0])
    assert await documents.client(URL) is not None
    host.about = None
    for hours, is_valid in ((1, True), (23.9, True), (24, False), (48, False)):
        now[0] = hours * 3600.0
        assert (await documents.client(URL) is not None) is is_valid, hours


async def test_a_host_is_asked_so_often_a_minute_and_others_go_on():
    host, now = Host(), [0.0]
    documents = ClientDocuments(HOSTS, (), host.fetch, lambda: now[0])
    assert await documents.client(URL) is not None
    now[0] = 600.0
    for number in range(MAX_PER_MINUTE + 10):
        assert await documents.client(f"{URL}-{number}") is None
    assert host.asked == 1 + MAX_PER_MINUTE
    assert await documents.client(URL) is not None
    await documents.client("https://apps.example.org/client")
    assert host.asked == 2 + MAX_PER_MINUTE
    now[0] = 660.0
    await documents.client(f"{URL}-0")
    assert host.asked == 3 + MAX_PER_MINUTE


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": f"{URL}2"},
        {"client_id": None},
        {"client_secret": "s"},
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"redirect_uris": ["https://evil.example/callback"]},
        {"redirect_uris": ["http://claude.ai/callback"]},
        {"redirect_uris": "none"},
    ],
)
async def test_a_document_that_does_not_fit_is_refused(changed):
    assert await ClientDocuments(HOSTS, (), Host(**changed).fetch).client(URL) is None


async def test_a_document_may_name_addresses_on_its_own_host():
    host = Host(redirect_uris=["https://claude.ai/another"])
    assert await ClientDocuments(HOSTS, (), host.fetch).client(URL) is not None


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/client",
        "https://claude.ai.evil.example/client",
        "https://evil.example@claude.ai/client",
        "https://claude.ai:8443/client",
        "https://claude.ai/",
        "https://claude.ai",
        "https://claude.ai/../x",
        "https://claude.ai/a//b",
        "https://claude.ai/a?b",
        "https://claude.ai/a?",
        "https://claude.ai/a#",
        "https://claude.ai/%2e%2e/x",
        "https://169.254.169.254/latest",
        "https://localhost/x",
        "https://[/x",
        "http://claude.ai/client",
    ],
)
async def test_no_other_address_is_ever_called(url):
    host = Host()
    assert await ClientDocuments(HOSTS, (), host.fetch).client(url) is None
    assert host.asked == 0
    assert not is_document_address(url, HOSTS)


async def test_an_app_that_is_known_by_its_document_gets_in(sage, monkeypatch):
    host = Host()
    monkeypatch.setattr(
        "sage.access.oauth.client_documents.fetch_document", host.fetch
    )  # the call to the internet
    async with App(sage.url, sage.tokens["writer"]) as app:
        moved = {"redirect_uri": "http://localhost:5555/callback"}
        app.client_id = URL
        pair = await app.exchange(await app.code(**moved), **moved)
        assert await app.status(pair.json()["access_token"]) == 400
        page = await app.page(**moved)
        assert "Claude Code" in page.text
        assert URL in page.text


async def test_no_document_is_read_where_no_page_is_asked_for(sage, monkeypatch):
    """Else anybody could have Sage call those hosts as often as it is called, and be shut out."""
    host = Host()
    monkeypatch.setattr("sage.access.oauth.client_documents.fetch_document", host.fetch)
    async with App(sage.url, sage.tokens["writer"]) as app:
        for number in range(5):
            app.client_id = f"https://claude.ai/oauth/{number}"
            assert (await app.exchange("guessed")).json()["error"] == "invalid_grant"
            assert (await app.refresh("guessed")).json()["error"] == "invalid_grant"
        assert host.asked == 0
        app.client_id = URL
        moved = {"redirect_uri": "http://localhost:5555/callback"}
        pair = (await app.exchange(await app.code(**moved), **moved)).json()
        host.about = None
        assert (await app.refresh(pair["refresh_token"])).status_code == 200
        app.client_id = "https://evil.example/client"
        assert (await app.refresh(pair["refresh_token"])).status_code == 401
