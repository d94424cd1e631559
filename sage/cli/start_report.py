"""What a person is told once Sage is ready: the address, where things are, how to connect."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from sage.api.access import required_token
from sage.cli.clients import write_clients
from sage.config.paths import own_folder
from sage.service.checks.http_probe import place_of
from sage.terminal.console import Style

if TYPE_CHECKING:
    from sage.config.settings import Settings
    from sage.data_dir.instance import Instance, Running
    from sage.terminal.console import Console

_MCP_PATH = "/mcp"  # also in sage.api.mcp.server, which takes most of a second to import


def mcp_url(host: str, port: int, public_url: str | None = None) -> str:
    """Return the address clients connect to."""
    return (public_url or f"http://{place_of(host, port)}").rstrip("/") + _MCP_PATH


def write_report(
    console: Console,
    settings: Settings,
    instance: Instance,
    running: Running,
    *,
    foreground: bool = False,
) -> None:
    """Write the report to standard output; `foreground`: Sage has this terminal, and said so."""
    url = mcp_url(running.host, running.port, settings.server.public_url)
    elsewhere = "this terminal" if foreground else f"the terminal of pid {running.pid}"
    if not foreground:
        console.write(("Sage is ready", Style.READY))
    _rows(
        console,
        {
            "MCP URL": url,
            "data": str(instance.data_dir),
            "database": running.database or "embedded PostgreSQL",
            "access": _access(settings),
            "log": running.log or elsewhere,
            "stop": "Ctrl-C" if foreground else f"{_stop_command()}{_place_option(instance)}",
        },
    )
    write_clients(console, url, instance.data_dir, required_token(settings.server))
    console.out.flush()


def _access(settings: Settings) -> str:
    if required_token(settings.server) is not None:
        return "callers show SAGE_TOKEN"
    file = (own_folder() or settings.data_dir) / ".env"
    return f"every account of this machine; to ask for a token, set SAGE_TOKEN in {file}"


def _stop_command() -> str:
    return "sage down" if own_folder() is None else "./start-sage-mcp.sh --stop"


def _place_option(instance: Instance) -> str:
    return f" --data-dir {shlex.quote(str(instance.data_dir))}" if instance.was_named else ""


def _rows(console: Console, rows: dict[str, str]) -> None:
    width = max(map(len, rows))
    for name, text in rows.items():
        console.write("  ", (f"{name:<{width}}", Style.NAME), f"  {text}", hang=width + 4)
