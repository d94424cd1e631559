"""The keys of an external issuer: read from its address, kept, and read again when others sign."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from jwt import PyJWK
from jwt.exceptions import PyJWTError

from sage.access.oauth.small_files import TIMEOUT_S, fetch_small
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

ALGORITHMS = ("RS256", "ES256")
"""Those with public keys: a secret shared with the issuer, or none at all, proves nothing."""
_MAX_BYTES = 64 * 1024
_REST_S = 30.0
_MAX_AGE_S = 3600.0
_MAX_STALE_S = 86_400.0

log = get_logger(__name__)


class IssuerKeys:
    """Keeps keys for an hour, and asks for others at most every 30 s, whatever tokens name."""

    def __init__(
        self,
        url: str,
        fetch: Callable[[str], Awaitable[bytes]] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._fetch = fetch or fetch_keys
        self._clock = clock
        self._reading = asyncio.Lock()
        self._keys: Mapping[str, PyJWK] = {}
        self._tried_at = self._read_at = float("-inf")

    async def key(self, key_id: str) -> PyJWK | None:
        """Return a key by its id; None where the issuer has no such key."""
        if self._is_due(key_id):
            async with self._reading:
                if self._is_due(key_id):
                    await self._read()
        return self._keys.get(key_id)

    def _is_due(self, key_id: str) -> bool:
        rest_s = _MAX_AGE_S if key_id in self._keys else _REST_S
        return self._clock() - self._tried_at >= rest_s

    async def _read(self) -> None:
        """Read the keys. While they cannot be read, those read before remain valid for a day."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                self._keys = _usable(await self._fetch(self._url))
            self._read_at = self._clock()
        except (OSError, ValueError) as error:
            reason = str(error)[:200]
            log.warning("oauth_keys_failed", url=self._url, reason=reason, retry_in_s=_REST_S)
            if self._clock() - self._read_at >= _MAX_STALE_S:
                self._keys = {}
        finally:
            self._tried_at = self._clock()


def _usable(body: bytes) -> Mapping[str, PyJWK]:
    """Return those keys of a set that tokens may be signed with. Raises ValueError."""
    found = json.loads(body)
    listed = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(listed, list):
        raise ValueError("the answer is not a key set")  # noqa: TRY004 - of what was read
    keys = []
    for one in listed:
        with suppress(PyJWTError, TypeError, ValueError):  # others may be for other programs
            keys += [PyJWK(one)] if isinstance(one, dict) else []
    return {
        key.key_id: key
        for key in keys
        if key.key_id and key.algorithm_name in ALGORITHMS and key.public_key_use != "enc"
    }


async def fetch_keys(url: str) -> bytes:
    """Read a key set. Raises OSError, ValueError."""
    body, _ = await fetch_small(url, _MAX_BYTES)
    return body
