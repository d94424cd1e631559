"""The text of a token: `sage_`, 256 random bits, and a checksum that identifies a token.

The mark of a machine's token is part of the digested text, so that nobody can turn it into another
kind of token.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
import zlib

from sage.clients.connect.server import MACHINE_MARK

MARK = "sage_"
_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_SECRET_CHARS = 43  # 256 bits
_CHECK_CHARS = 6  # 32 bits
_SHOWN_CHARS = 6
_TOKEN = re.compile(rf"([0-9A-Za-z]{{{_SECRET_CHARS}}})([0-9A-Za-z]{{{_CHECK_CHARS}}})")


def new_token(mark: str = MARK) -> str:
    """Return a new random token; `mark` is its kind."""
    return _token_of(secrets.token_bytes(32), mark)


def next_token(token: str, mark: str, key: bytes) -> str:
    """Return the successor of a token, which cannot be guessed without the key."""
    return _token_of(hmac.digest(key, token.encode(), "sha256"), mark)


def is_token(text: str, mark: str = MARK) -> bool:
    """Return whether a text has the form of a token of a kind, with a valid checksum."""
    found = _TOKEN.fullmatch(text.removeprefix(mark)) if text.startswith(mark) else None
    return found is not None and _checksum(found[1]) == found[2]


def digest(token: str) -> bytes:
    """Return the digest that is stored of a token. A salt would add nothing to 256 random bits."""
    return hashlib.sha256(token.encode()).digest()


def display_prefix(token: str) -> str:
    """Return the beginning of a token, to recognize it by."""
    mark = MACHINE_MARK if is_of_machine(token) else MARK
    return token[: len(mark) + _SHOWN_CHARS]


def is_of_machine(token: str) -> bool:
    """Return whether a token, or the beginning of one, is for the hooks of a machine only."""
    return token.startswith(MACHINE_MARK)


def _token_of(random: bytes, mark: str) -> str:
    secret = _base62(int.from_bytes(random), _SECRET_CHARS)
    return f"{mark}{secret}{_checksum(secret)}"


def _checksum(secret: str) -> str:
    return _base62(zlib.crc32(secret.encode()), _CHECK_CHARS)


def _base62(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))
