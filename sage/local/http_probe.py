"""Query the state of a running server with the standard library alone, for speed."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass

from sage.clients.reachable import reachable_host
from sage.phrases import from_json, phrase

_TIMEOUT_S = 4.0
_MAX_ANSWER_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class ProbeFailure:
    """A problem in one line, and the readiness report if the server sent one."""

    text: str
    state: str = ""
    reason: str = ""
    hint: str = ""

    def __str__(self) -> str:
        """Return the line of the problem."""
        return self.text


def reachable_address(host: str, port: int | str) -> str:
    """Return host and port by which this machine reaches a server that listens there."""
    there = reachable_host(host)
    return f"[{there}]:{port}" if ":" in there else f"{there}:{port}"


def ask(host: str, port: str, path: str) -> ProbeFailure | None:
    """Send a GET and return None for a response of 200, else the problem."""
    there, where = reachable_host(host), reachable_address(host, port)
    try:
        connection = http.client.HTTPConnection(there, int(port), timeout=_TIMEOUT_S)
        try:
            connection.request("GET", path, headers={"Host": where})
            answer = connection.getresponse()
            body = answer.read(_MAX_ANSWER_BYTES)
        finally:
            connection.close()
    except (OSError, ValueError, OverflowError, http.client.HTTPException) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return ProbeFailure(
            phrase(
                "no answer from http://{where}{path}: {reason}",
                where=where,
                path=path,
                reason=reason or type(error).__name__,
            )
        )
    if answer.status == http.client.OK:
        return None
    fields = _document(body)
    reason = fields.get("reason") or fields.get("detail") or phrase("no reason given")
    return ProbeFailure(
        phrase(
            "http://{where}{path} responded with {status}: {reason}",
            where=where,
            path=path,
            status=answer.status,
            reason=reason,
        ),
        state=fields.get("state", ""),
        reason=reason,
        hint=fields.get("hint", ""),
    )


def _document(body: bytes) -> dict[str, str]:
    try:
        document = json.loads(body)
    except ValueError:
        return {}
    if not isinstance(document, dict):
        return {}
    phrases = document.get("phrases")
    sent = phrases if isinstance(phrases, dict) else {}
    return {
        name: from_json(str(value), sent.get(name)) for name, value in document.items() if value
    }
