"""Requests to the running server: JSON over HTTP, through the socket of its data directory."""

from __future__ import annotations

import json
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlencode

from sage.cli.memories.errors import LostAnswerError, NotAskedError, refusal
from sage.clients.data_dir.server_socket import (
    ADVICE_HEADER,
    CONFIGURATION_HEADER,
    connect_to_server,
)
from sage.errors import SageError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_WAIT_S = 180.0
_MAX_BYTES = 1024 * 1024
"""The maximum body that the server reads; a longer one is not sent."""
_OK = 200
_NOT_DONE = frozenset({405, 412, 413})
"""Statuses of requests that this server refuses: an older release, another configuration, a long
text."""
_NO_ROUTE = "urn:sage:problem:no-route"


class ServerConnection:
    """Calls the server of a data directory, if its configuration has the same `fingerprint`.

    `advice` is the hint of the last response if another model is configured.
    """

    def __init__(self, data_dir: Path, fingerprint: str) -> None:
        self._data_dir = data_dir
        self._fingerprint = fingerprint
        self.advice = ""

    def get(self, path: str, **query: object) -> dict[str, Any]:
        """Send a GET; parameters that are None are left out. Raises as `post` does."""
        return self._ask("GET", _with_query(path, query), None)

    def delete(self, path: str, **query: object) -> dict[str, Any]:
        """Send a DELETE; parameters that are None are left out. Raises as `post` does."""
        return self._ask("DELETE", _with_query(path, query), None)

    def post_nothing(self, path: str, **query: object) -> dict[str, Any]:
        """Send a POST without a body. Raises as `post` does."""
        return self._ask("POST", _with_query(path, query), b"{}")

    def post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """Send JSON and return the response.

        Raises NotAskedError if no such server accepts it, LostAnswerError, and the SageError that
        the server reports.
        """
        sent = json.dumps(body).encode()
        if len(sent) > _MAX_BYTES:
            raise NotAskedError
        return self._ask("POST", path, sent)

    def _ask(self, method: str, target: str, body: bytes | None) -> dict[str, Any]:
        headers = {CONFIGURATION_HEADER: self._fingerprint, "content-type": "application/json"}
        connection = HTTPConnection("localhost")
        try:
            connection.sock = connect_to_server(str(self._data_dir), _WAIT_S)
        except OSError as error:
            raise NotAskedError from error
        with closing(connection):
            try:
                connection.request(method, target, body, headers)
                answer = connection.getresponse()
                status, answered = answer.status, json.loads(answer.read())
                self.advice = unquote(answer.getheader(ADVICE_HEADER, ""))
            except TimeoutError:
                raise LostAnswerError(
                    phrase(
                        "the running Sage did not answer for {seconds:.0f} s",
                        seconds=_WAIT_S,
                    )
                ) from None
            except (OSError, HTTPException):
                raise LostAnswerError("the running Sage exited before it answered") from None
            except ValueError:
                raise another_release() from None
        if not isinstance(answered, dict):
            raise another_release()
        if status in _NOT_DONE or answered.get("type") == _NO_ROUTE:
            raise NotAskedError
        if status != _OK:
            raise refusal(answered)
        return answered


def _with_query(path: str, query: Mapping[str, object]) -> str:
    given = urlencode({name: value for name, value in query.items() if value is not None})
    return f"{path}?{given}" if given else path


def another_release() -> SageError:
    """Return the error for a response that is not one of this release."""
    return SageError(
        "the running Sage is a different release",
        hint="restart Sage, so that it runs the same release as this command",
    )
