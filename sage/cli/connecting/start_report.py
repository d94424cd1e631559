"""The report once Sage is ready: its address, its files, how to connect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.api.access import required_token
from sage.cli.terminal.console import Style
from sage.cli.views.program_name import command, data_dir_option, script_path, stop_command
from sage.clients.connect.elsewhere import connected_elsewhere
from sage.clients.connect.server import Server
from sage.clients.hooks.launcher import launcher_path
from sage.config.choices import AuthMode
from sage.config.paths import own_folder
from sage.domain.text.columns import columns_of, padded
from sage.local.address import mcp_url
from sage.local.loopback_peer import tells_accounts
from sage.phrases import phrase
from sage.phrases.language import said

if TYPE_CHECKING:
    from pathlib import Path

    from sage.cli.terminal.console import Console
    from sage.config.settings import Settings
    from sage.local.data_dir.instance import Instance, RunningInstance


def server_of(url: str, data_dir: Path, token: str | None, space: str = "") -> Server:
    """Return the connection details of a Sage, with its space if that is not the default."""
    words = [str(script_path()), "mcp", "--data-dir", str(data_dir)]
    if space:
        words += ["--space", space]
    return Server(url, token is not None, tuple(words), (str(launcher_path(data_dir)),), space)


def write_report(
    console: Console,
    settings: Settings,
    instance: Instance,
    running: RunningInstance,
    *,
    foreground: bool = False,
) -> None:
    """Write the report to standard output; `foreground`: Sage runs in this terminal.

    Lists clients that are connected to another address, such as another port, with the command that
    connects them to this one.
    """
    url = mcp_url(settings.server, running)
    connect = command("connect") + data_dir_option(instance)
    elsewhere = (
        phrase("this terminal")
        if foreground
        else phrase("the terminal of pid {pid}", pid=running.pid)
    )
    if not foreground:
        console.write((phrase("Sage is ready"), Style.READY))
    _rows(
        console,
        {
            phrase("connect"): phrase(
                "{command}  (connects the AI clients here, after a question)", command=connect
            ),
            "MCP URL": url,
            phrase("data"): phrase(
                "{directory} ({database})",
                directory=instance.data_dir,
                database=running.database or phrase("embedded PostgreSQL"),
            ),
            phrase("access"): _access(settings),
            phrase("log"): running.log or elsewhere,
            phrase("stop"): "Ctrl-C" if foreground else stop_command(instance),
        },
    )
    console.out.flush()
    for client, old in connected_elsewhere(instance.data_dir, url):
        again = command("connect", client.name, "--write")
        console.note(
            phrase(
                "{client} calls {address}: connect it again with `{command}`",
                client=client.title,
                address=old,
                command=again + data_dir_option(instance),
            )
        )


def _access(settings: Settings) -> str:
    if settings.server.has_oauth:
        return phrase(
            "apps sign in by OAuth; a client may send SAGE_TOKEN as a bearer token instead"
        )
    if required_token(settings.server) is not None:
        return phrase("clients must send SAGE_TOKEN as a bearer token")
    file = (own_folder() or settings.data_dir) / ".env"
    if settings.server.auth is AuthMode.AUTO and tells_accounts():
        return phrase(
            "your account and root; to require a token, set SAGE_TOKEN in {file} and restart",
            file=file,
        )
    return phrase(
        "any user of this machine; to require a token, set SAGE_TOKEN in {file} and restart",
        file=file,
    )


def _rows(console: Console, rows: dict[str, str]) -> None:
    width = max(columns_of(said(name)) for name in rows)
    for name, text in rows.items():
        console.write("  ", (padded(said(name), width), Style.NAME), "  ", text, hang=width + 4)
