"""The proof by which a server verifies its identity over HTTP (docs/proof.md).

It answers with a MAC of a random number and the address at which it was called, under a key that it
shares with the caller. Hooks import this if they cannot reach Sage through its socket.
"""

from __future__ import annotations

import hashlib
import hmac

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from collections.abc import Sequence

PATH = "/api/v1/proof"
VERSION = 1
NONCE_BYTES = 32
ID_LABEL = b"sage-proof-1 key"

_LABEL = "sage-proof-1 server"


def key_of(token: str) -> bytes:
    """Return the key derived from a token, which is all that Sage stores of it."""
    return hashlib.sha256(token.encode()).digest()


def key_id(key: bytes) -> bytes:
    """Return an identifier of a key that does not reveal the key."""
    return hashlib.sha256(ID_LABEL + key).digest()


def address_of(host: str, port: int | None) -> str:
    """Return an address in the form that is proved: numeric, IPv6 in brackets, with the port."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def proof_of(key: bytes, nonce: str, address: str) -> str:
    """Return the proof of a server that knows a key and is at an address."""
    return hmac.digest(key, f"{_LABEL}\n{nonce}\n{address}".encode(), "sha256").hex()


def question(keys: Sequence[bytes], nonce: str, address: str) -> str:
    """Return the path and query that request a proof under any of the keys."""
    ids = ",".join(key_id(key).hex() for key in keys)
    return f"{PATH}?versions={VERSION}&nonce={nonce}&address={address}&keys={ids}"


def is_proof(answer: object, keys: Sequence[bytes], nonce: str, address: str) -> bool:
    """Return whether an answer proves one of the keys."""
    if not isinstance(answer, dict) or answer.get("version") != VERSION:
        return False
    proofs = answer.get("proofs")
    if not isinstance(proofs, list):
        return False
    expected = [proof_of(key, nonce, address) for key in keys]
    given = [one.encode("utf-8", "replace") for one in proofs if isinstance(one, str)]
    return any(hmac.compare_digest(one, good.encode()) for one in given for good in expected)
