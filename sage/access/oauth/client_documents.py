"""Clients whose id is the URL of a document about them (Client ID Metadata Documents).

Only documents of hosts that the operator named are read, by https with a verified certificate, from
an address on the internet or one that the operator gave: so nobody, not even who runs the name
server of such a host, can make Sage call its own network.
"""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mcp.server.auth.provider import RegistrationError

from sage.access.limits.token_buckets import TokenBuckets
from sage.access.oauth.clients import MAX_DOCUMENT_BYTES, OAuthClient, drop_refused_redirects
from sage.access.oauth.small_files import TIMEOUT_S, fetch_small, public_address
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

_MIN_AGE_S = 300.0
_MAX_AGE_S = 86_400.0
_MAX_AT_ONCE = 4
_MAX_KEPT = 256
MAX_PER_MINUTE = 30
_MAX_AGE = re.compile(r"max-age=(\d{1,9})")

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Document:
    """A fetched document: its bytes, and for how long it may be used."""

    body: bytes
    max_age_s: float


@dataclass(frozen=True, slots=True)
class _CachedDocument:
    client: OAuthClient
    read_at: float
    max_age_s: float

    def is_younger_than(self, age_s: float, now: float) -> bool:
        return now - self.read_at < age_s


class ClientDocuments:
    """Fetches the documents of clients and caches them for as long as their server allows.

    Anyone can name any document without a token, so each host is asked at most 30 times a minute.
    Failures are not cached: the specification forbids it. `hosts` are names, or `name=address` for
    one whose address is not on the internet.
    """

    def __init__(
        self,
        hosts: Collection[str],
        more_redirects: Collection[str],
        fetch: Callable[[str, str], Awaitable[Document]] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hosts = {name: address for name, _, address in (one.partition("=") for one in hosts)}
        self._more_redirects = more_redirects
        self._fetch = fetch
        self._clock = clock
        self._at_once = asyncio.Semaphore(_MAX_AT_ONCE)
        self._requests = TokenBuckets(MAX_PER_MINUTE, clock=clock)
        self._kept: dict[str, _CachedDocument] = {}

    @property
    def can_read(self) -> bool:
        """Whether any hosts are configured."""
        return bool(self._hosts)

    def unread(self, url: str) -> OAuthClient | None:
        """Return a client with a code or token, without fetching its document.

        The host must still be allowed. Without a code nobody can make Sage fetch anything.
        """
        if not is_document_address(url, self._hosts):
            return None
        return OAuthClient(client_id=url, redirect_uris=None, token_endpoint_auth_method="none")  # noqa: S106

    async def client(self, url: str) -> OAuthClient | None:
        """Return the client that a document describes; None without a valid one.

        If it cannot be fetched again, the previous one remains valid, for a day at most.
        """
        if not is_document_address(url, self._hosts):
            return None
        kept = self._kept.get(url)
        if kept is not None and kept.is_younger_than(kept.max_age_s, self._clock()):
            return kept.client
        try:
            document = await self._read(url)
            client = self._parse(url, document.body)
        except (RegistrationError, OSError, ValueError) as error:
            log.warning("oauth_client_document_refused", url=url[:200], reason=str(error)[:200])
            is_valid = kept is not None and kept.is_younger_than(_MAX_AGE_S, self._clock())
            return kept.client if kept is not None and is_valid else None
        if len(self._kept) >= _MAX_KEPT:
            self._kept.clear()
        age_s = min(max(document.max_age_s, _MIN_AGE_S), _MAX_AGE_S)
        self._kept[url] = _CachedDocument(client, self._clock(), age_s)
        return client

    async def _read(self, url: str) -> Document:
        if self._requests.take(urlsplit(url).netloc):
            raise ValueError("its host was asked too often within a minute")
        async with asyncio.timeout(TIMEOUT_S), self._at_once:
            return await (self._fetch or fetch_document)(url, self._address_of(url))

    def _address_of(self, url: str) -> str:
        """Return the address that the operator gave for the host of a document, if any."""
        return self._hosts[urlsplit(url).netloc]

    def _parse(self, url: str, body: bytes) -> OAuthClient:
        client = OAuthClient.model_validate_json(body)
        if client.client_id != url:
            raise ValueError("the document is about another client_id")
        if client.client_secret is not None or client.token_endpoint_auth_method not in {
            None,
            "none",
        }:
            raise ValueError("token_endpoint_auth_method has to be none")
        drop_refused_redirects(client, self._more_redirects, urlsplit(url).netloc)
        return client.model_copy(update={"token_endpoint_auth_method": "none"})


def is_document_address(url: str, hosts: Collection[str]) -> bool:
    """Return whether an id is the plain URL of a document on one of the hosts."""
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


async def fetch_document(url: str, address: str = "") -> Document:
    """Fetch a document from an address, or from one on the internet.

    Raises OSError, ValueError.
    """
    at = address or await public_address(url)
    body, headers = await fetch_small(url, MAX_DOCUMENT_BYTES, at)
    age = _MAX_AGE.search(headers.get("cache-control", ""))
    return Document(body, float(age[1]) if age else 0.0)
