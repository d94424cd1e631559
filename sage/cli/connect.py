"""`sage connect`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sage.api.access import required_token
from sage.cli.failures import OK
from sage.cli.open_services import settings_of
from sage.clients.catalog import BY_NAME, CLIENTS
from sage.clients.commands import connect_client, disconnect_client
from sage.clients.installation import Wish, is_installed
from sage.clients.journal import Journal
from sage.clients.report import write_clients
from sage.clients.start_report import mcp_url, server_of
from sage.data_dir.instance import Instance
from sage.errors import InvalidInputError
from sage.hooks.launcher import hook_address
from sage.views.program_name import program

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.parsing import VerbParser
    from sage.clients.catalog import Client
    from sage.config.settings import Settings
    from sage.terminal.console import Console


def declare(parser: VerbParser) -> None:
    """Declare the client, and what is done with its files."""
    parser.describe(
        connect,
        examples=(
            "sage connect",
            "sage connect claude-code --hooks",
            "sage connect claude-code --hooks --write",
            "sage connect claude-code --remove",
        ),
        details="Shows what would change in the client's files; --write makes the changes. --remove"
        " takes out at once what Sage has put in. Both copy each file first. Without a client,"
        " lists those on this machine.",
    )
    names = ", ".join(BY_NAME)
    parser.add_argument(
        "client", nargs="?", choices=BY_NAME, metavar="CLIENT", help=f"one of {names}"
    )
    parser.add_argument("--write", action="store_true", help="make the changes")
    parser.add_argument(
        "--hooks", action="store_true", help="also recall and capture conversations by hooks"
    )
    parser.add_argument(
        "--remove",
        action="store_true",
        help="take out at once what Sage has put into the client's files",
    )
    parser.add_argument(
        "--transport", choices=("http", "stdio"), help="default: http where the client can"
    )
    parser.add_argument(
        "--scope", choices=("user", "project"), help="whose files to write; default: user"
    )


def connect(args: Namespace, console: Console) -> int:
    """Show or make the changes that connect a client, or disconnect it."""
    _require_that_options_fit(args)
    settings = settings_of(args)
    if args.client is None:
        journal = Journal(settings.data_dir)
        installed = [one for one in CLIENTS if is_installed(one, Path.home())]
        write_clients(console, installed, {one.name: journal.files(one.name) for one in installed})
        if installed:
            console.note(f"connect one of them with `{program()} connect CLIENT --write`")
        else:
            console.note(
                f"no client was found here; known are {', '.join(BY_NAME)}. Start one once, or"
                f" paste what `{program()} connect generic` prints into its configuration."
            )
    elif args.remove:
        disconnect_client(console, settings.data_dir, BY_NAME[args.client])
    else:
        client = BY_NAME[args.client]
        wish, address = _wished(args, client, settings)
        connect_client(console, settings.data_dir, client, wish, address if args.write else None)
    return OK


def _require_that_options_fit(args: Namespace) -> None:
    """Raise InvalidInputError for options that need a client, or do not go together."""
    options = {
        "--remove": args.remove,
        "--write": args.write,
        "--hooks": args.hooks,
        "--transport": args.transport,
        "--scope": args.scope,
    }
    passed = [name for name, value in options.items() if value]
    if passed and args.client is None:
        raise InvalidInputError(
            "CLIENT",
            f"is missing, which {passed[0]} is for",
            hint=f"use one of {', '.join(BY_NAME)}",
        )
    if args.remove and len(passed) > 1:
        raise InvalidInputError(
            passed[1],
            "cannot be combined with --remove",
            hint="--remove takes out all of it at once",
        )


def _wished(args: Namespace, client: Client, settings: Settings) -> tuple[Wish, dict[str, object]]:
    """Return what is to be connected, and where hooks find the server."""
    running = Instance(settings.data_dir).running() or settings.server
    token = required_token(settings.server)
    url = mcp_url(running.host, running.port, settings.server.public_url)
    wish = Wish(
        server_of(url, settings.data_dir, token),
        Path.home(),
        Path.cwd() if args.scope == "project" else None,
        client.stdio if args.transport is None else args.transport == "stdio",
        args.hooks,
    )
    return wish, hook_address(running.host, running.port, token)
