"""Clients whose id is the address of a document about them (Client ID Metadata Documents).

Only documents of hosts that the operator named are read, by https with a checked certificate: so
nobody can make Sage call an address of its own network.
"""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
from mcp.server.auth.provider import RegistrationError

from sage.logs import get_logger
from sage.oauth.clients import MAX_DOCUMENT_BYTES, Client, require_redirects
from sage.oauth.small_files import TIMEOUT_S, fetch_small

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_MIN_AGE_S = 300.0
_MAX_AGE_S = 86_400.0
_MAX_AT_ONCE = 4
_MAX_KEPT = 256
_MAX_AGE = re.compile(r"max-age=(\d{1,9})")

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Document:
    """A document that was read: its bytes, and for how long it may be used."""

    body: bytes
    max_age_s: float


@dataclass(frozen=True, slots=True)
class _Kept:
    client: Client
    until: float


class ClientDocuments:
    """Reads the documents of clients and keeps them for as long as their server allows."""

    def __init__(
        self,
        hosts: tuple[str, ...],
        more_redirects: tuple[str, ...],
        fetch: Callable[[str], Awaitable[Document]] | None = None,
    ) -> None:
        self._hosts = hosts
        self._more_redirects = more_redirects
        self._fetch = fetch
        self._at_once = asyncio.Semaphore(_MAX_AT_ONCE)
        self._kept: dict[str, _Kept] = {}

    @property
    def can_read(self) -> bool:
        """Whether there are hosts whose documents are read."""
        return bool(self._hosts)

    async def client(self, url: str) -> Client | None:
        """Return the client that a document describes; None where there is no valid one.

        If it cannot be read again, the one that was read before remains valid.
        """
        if not is_document_address(url, self._hosts):
            return None
        kept = self._kept.get(url)
        if kept is not None and time.monotonic() < kept.until:
            return kept.client
        try:
            async with self._at_once, asyncio.timeout(TIMEOUT_S):
                document = await (self._fetch or fetch_document)(url)
            client = self._parse(url, document.body)
        except (httpx.HTTPError, TimeoutError, RegistrationError, ValueError) as error:
            log.warning("oauth_client_document_refused", url=url[:200], reason=str(error)[:200])
            return None if kept is None else kept.client
        if len(self._kept) >= _MAX_KEPT:
            self._kept.clear()
        age_s = min(max(document.max_age_s, _MIN_AGE_S), _MAX_AGE_S)
        self._kept[url] = _Kept(client, time.monotonic() + age_s)
        return client

    def _parse(self, url: str, body: bytes) -> Client:
        client = Client.model_validate_json(body)
        if client.client_id != url:
            raise ValueError("the document is about another client_id")
        if client.client_secret is not None or client.token_endpoint_auth_method not in {
            None,
            "none",
        }:
            raise ValueError("token_endpoint_auth_method has to be none")
        require_redirects(client, self._more_redirects, urlsplit(url).netloc)
        return client.model_copy(update={"token_endpoint_auth_method": "none"})


def is_document_address(url: str, hosts: tuple[str, ...]) -> bool:
    """Return whether an id is the address of a document on one of the hosts, plainly written."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return (
        parts.scheme == "https"
        and parts.netloc in hosts
        and re.fullmatch(r"(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+", parts.path) is not None
        and url == f"https://{parts.netloc}{parts.path}"
    )


async def fetch_document(url: str) -> Document:
    """Read a document. Raises HTTPError, ValueError."""
    body, headers = await fetch_small(url, MAX_DOCUMENT_BYTES)
    age = _MAX_AGE.search(headers.get("cache-control", ""))
    return Document(body, float(age[1]) if age else 0.0)
