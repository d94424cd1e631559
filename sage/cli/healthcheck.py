"""`sage healthcheck`: a probe for containers, with the standard library alone, for its speed."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING

from sage.cli.failures import FAILED, OK
from sage.cli.overrides import overrides_of
from sage.config.address import listening_address
from sage.config.paths import Paths
from sage.terminal.output import one_line

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.parsing import VerbParser
    from sage.terminal.output import Console

_TIMEOUT_S = 4.0
_MAX_ANSWER_BYTES = 65_536


def declare(parser: VerbParser) -> None:
    """Declare how much must work."""
    parser.describe(
        healthcheck,
        examples=("sage healthcheck", "sage healthcheck --readiness"),
        details="Asks MCP_SERVER_HOST and MCP_SERVER_PORT; where that is every address, the local"
        " one.",
    )
    parser.add_argument(
        "--readiness", action="store_true", help="ask whether calls can be answered, not only life"
    )


def healthcheck(args: Namespace, console: Console) -> int:
    """Ask the running server; exit 0, or 1 with a line that says why not."""
    host, port = listening_address(
        overrides=overrides_of(args), paths=Paths.of(env_file=args.env_file)
    )
    path = "/health/readiness" if args.readiness else "/health/liveness"
    trouble = ask(host, port, path)
    if trouble is None:
        return OK
    console.note(f"sage: {one_line(trouble)}")
    return FAILED


def ask(host: str, port: str, path: str) -> str | None:
    """Send a GET and give None for an answer of 200, else what is wrong in one line."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104
    where = f"[{reachable}]:{port}" if ":" in reachable else f"{reachable}:{port}"
    try:
        connection = http.client.HTTPConnection(reachable, int(port), timeout=_TIMEOUT_S)
        try:
            connection.request("GET", path, headers={"Host": where})
            answer = connection.getresponse()
            body = answer.read(_MAX_ANSWER_BYTES)
        finally:
            connection.close()
    except (OSError, ValueError, OverflowError, http.client.HTTPException) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return f"no answer from http://{where}{path}: {reason or type(error).__name__}"
    if answer.status == http.client.OK:
        return None
    return f"http://{where}{path} answers {answer.status}: {_reason(body)}"


def _reason(body: bytes) -> str:
    try:
        document = json.loads(body)
    except ValueError:
        return "no reason given"
    if not isinstance(document, dict):
        return "no reason given"
    return str(document.get("reason") or document.get("detail") or "no reason given")
