"""`sage healthcheck`: a probe for containers, with the standard library alone, for speed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.failures import FAILED, OK
from sage.cli.verb import argument, verb
from sage.cli.views.failures import write_error
from sage.config.layers import overrides_of, read_layers
from sage.config.paths import Paths
from sage.config.values import DEFAULT_HOST, DEFAULT_PORT
from sage.local.http_probe import ask

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.terminal.console import Console


@verb(
    "healthcheck",
    argument("--readiness", action="store_true", help="check readiness instead of liveness"),
    examples=("sage healthcheck", "sage healthcheck --readiness"),
    details="Queries MCP_SERVER_HOST and MCP_SERVER_PORT, or the loopback address if the server"
    " listens on all addresses.",
)
def healthcheck(args: Namespace, console: Console) -> int:
    """Check the running server; exit 0, or 1 with a line that states the reason."""
    paths = Paths.of(env_file=args.env_file)
    merged = read_layers(overrides=overrides_of(args), paths=paths)
    host = merged.text("MCP_SERVER_HOST", DEFAULT_HOST)
    port = merged.text("MCP_SERVER_PORT", str(DEFAULT_PORT))
    path = "/health/readiness" if args.readiness else "/health/liveness"
    failure = ask(host, port, path)
    if failure is None:
        return OK
    write_error(console, str(failure), "", failure.hint)
    return FAILED
