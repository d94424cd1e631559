"""`/api/v1/proof`: proves to hooks that this server is the Sage they expect (docs/proof.md).

Hooks call it before they send a token, so it requires none, and its answer is cheap to compute.
"""

from __future__ import annotations

import hmac
import re
from ipaddress import ip_address
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qsl, urlsplit

from starlette.responses import JSONResponse
from starlette.routing import Route

from sage.api.access import required_token
from sage.api.problems import ProblemResponse, present_error, problem_response
from sage.clients.hooks.server.proof import (
    NONCE_BYTES,
    PATH,
    VERSION,
    address_of,
    key_id,
    key_of,
    proof_of,
)
from sage.errors import StoreError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import Receive, Scope, Send

    from sage.access.limits.failed_tokens import FailedTokens
    from sage.bootstrap import Services
    from sage.config.server_settings import ServerSettings

_MAX_QUERY_BYTES = 1_024
_MAX_FIELDS = 8
_MAX_KEYS = 4
_NONCE = re.compile(rf"[0-9a-f]{{{2 * NONCE_BYTES}}}")
_KEY_ID = re.compile(r"[0-9a-f]{64}")


class Proof:
    """Answers with a proof for each requested key, valid for one address of this server.

    The proof for an unknown key is invalid and cannot be distinguished from others. If no key is
    known, that counts as an invalid token.
    """

    def __init__(self, server: ServerSettings, failed_tokens: FailedTokens) -> None:
        token = required_token(server)
        self._token_key = None if token is None else key_of(token)
        self._published = {*server.published_addresses, *_public_address(server)}
        self._failed_tokens = failed_tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one question."""
        asked = _Challenge.of(scope)
        answer = asked if isinstance(asked, ProblemResponse) else await self._answer(asked, scope)
        await answer(scope, receive, send)

    async def _answer(self, asked: _Challenge, scope: Scope) -> JSONResponse:
        server = scope["server"] or ("", None)
        if asked.address not in {address_of(*server), *self._published}:
            return _not_here(asked.address)
        settled: bytes | None = scope["app"].state.proof_key
        keys = {key_id(key): key for key in (settled, self._token_key) if key is not None}
        if not keys.keys() & {*asked.key_ids}:
            address = scope["client_address"]
            excess = self._failed_tokens.excess(address)
            try:
                services = cast("Services", scope["app"].state.services)
                found = await services.tokens.digests_of(asked.key_ids)
            except StoreError as error:
                return present_error(error)
            keys |= {key_id(key): key for key in found}
            if not found:
                self._failed_tokens.failed(address, asked.key_ids[0])
                if excess:
                    return present_error(excess)
        unknown = settled or bytes(NONCE_BYTES)
        proofs = [
            proof_of(
                keys.get(one) or hmac.digest(unknown, one, "sha256"), asked.nonce, asked.address
            )
            for one in asked.key_ids
        ]
        return JSONResponse({"version": VERSION, "proofs": proofs})


def proof_route(server: ServerSettings, failed_tokens: FailedTokens) -> Route:
    """Return the route, for a host application to serve."""
    return Route(PATH, Proof(server, failed_tokens), methods=["GET"])


class _Challenge:
    """The content of a request: a nonce, the called address, and the acceptable keys."""

    def __init__(self, nonce: str, address: str, key_ids: Sequence[bytes]) -> None:
        self.nonce = nonce
        self.address = address
        self.key_ids = key_ids

    @classmethod
    def of(cls, scope: Scope) -> _Challenge | ProblemResponse:
        """Parse a request, or return the response that says why it is invalid."""
        query = scope["query_string"]
        if len(query) > _MAX_QUERY_BYTES or query.count(b"&") >= _MAX_FIELDS:
            return _malformed("the request is too long")
        asked = dict(parse_qsl(query.decode("latin-1")))
        if str(VERSION) not in asked.get("versions", "").split(","):
            return problem_response(
                422,
                "proof-version",
                "Unsupported version of the proof",
                detail=phrase(
                    "this server only supports version {version} of the proof", version=VERSION
                ),
                hint="use hooks of the same release as the server",
                field="versions",
            )
        nonce, ids = asked.get("nonce", ""), asked.get("keys", "").split(",")
        if not _NONCE.fullmatch(nonce):
            return _malformed(
                phrase(
                    "nonce: must be {size} bytes in lower-case hexadecimal",
                    size=NONCE_BYTES,
                )
            )
        if len(ids) > _MAX_KEYS or not all(map(_KEY_ID.fullmatch, ids)):
            return _malformed(phrase("keys: must be the ids of 1 to {most} keys", most=_MAX_KEYS))
        return cls(nonce, asked.get("address", ""), [bytes.fromhex(one) for one in ids])


def _public_address(server: ServerSettings) -> Sequence[str]:
    """Return the address in the public URL if that is one without TLS."""
    url = urlsplit(server.public_url or "")
    if url.scheme != "http" or url.hostname is None:
        return ()
    try:
        return (address_of(str(ip_address(url.hostname)), url.port or 80),)
    except ValueError:
        return ()


def _malformed(detail: str) -> ProblemResponse:
    return problem_response(
        422,
        "invalid-input",
        "Invalid request",
        detail=detail,
        hint="docs/proof.md describes the protocol",
    )


def _not_here(address: str) -> ProblemResponse:
    return problem_response(
        421,
        "proof-address",
        "Not an address of this server",
        detail=phrase(
            "{address} is not an address of this server",
            address=repr(address)[:80],
        ),
        hint="add it to SAGE_PUBLISHED_ADDRESSES if it is yours",
        field="address",
    )
