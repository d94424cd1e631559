"""The proof by which a server verifies its identity over HTTP (docs/proof.md).

It answers with a code over a random number and the address that it was called at, under a key that
it shares with whoever asks. Hooks import this where they do not reach Sage by its socket.
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
    """Return the key that a token stands for; Sage keeps no more of it than that."""
    return hashlib.sha256(token.encode()).digest()


def key_id(key: bytes) -> bytes:
    """Return what names a key without giving it away."""
    return hashlib.sha256(ID_LABEL + key).digest()


def address_of(host: str, port: int | None) -> str:
    """Return an address as it is proved: numbers, those of IPv6 in brackets, and the port."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def proof_of(key: bytes, nonce: str, address: str) -> str:
    """Return the proof of a server that knows a key and is at an address."""
    return hmac.digest(key, f"{_LABEL}\n{nonce}\n{address}".encode(), "sha256").hex()


def question(keys: Sequence[bytes], nonce: str, address: str) -> str:
    """Return the path and query that ask for a proof under any of the keys."""
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
