"""What stands for the id of a session, or the name of a project, in the audit log.

Clients may choose a sentence as one.
"""

from __future__ import annotations

import hashlib

_DIGITS = 16


def session_mark(session_id: str) -> str:
    """Return `session:` and the first 16 hexadecimal digits of the SHA-256 of the id."""
    return _mark("session", session_id)


def project_mark(name: str) -> str:
    """Return `project:` and as many digits of the SHA-256 of the name of a project."""
    return _mark("project", name)


def _mark(kind: str, text: str) -> str:
    encoded = text.encode(errors="surrogatepass")  # what is refused may hold half a character
    return f"{kind}:{hashlib.sha256(encoded).hexdigest()[:_DIGITS]}"
