"""What stands for the id of a session in the audit log: clients may choose a sentence as one."""

from __future__ import annotations

import hashlib

_DIGITS = 16


def session_mark(session_id: str) -> str:
    """Return `session:` and the first 16 hexadecimal digits of the SHA-256 of the id."""
    told = session_id.encode(errors="surrogatepass")  # a refused id may hold half a character
    return f"session:{hashlib.sha256(told).hexdigest()[:_DIGITS]}"
