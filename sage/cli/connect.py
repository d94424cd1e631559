"""`sage connect`."""

from __future__ import annotations

import shlex
from argparse import BooleanOptionalAction
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sage.cli.failures import FAILED, OK
from sage.cli.host import require_host, require_host_to_connect
from sage.cli.open_services import settings_of, with_database
from sage.cli.verb import argument, verb
from sage.cli.views.program_name import as_called
from sage.clients.connect.catalog import BY_NAME
from sage.clients.connect.hook_option import EDITS, resolve_hooks_option
from sage.clients.connect.hook_option import HELP as HOOKS_HELP
from sage.domain.memories import DEFAULT_SPACE
from sage.errors import InvalidInputError, SageError
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from sage.cli.terminal.console import Console
    from sage.clients.connect.catalog import Client
    from sage.clients.connect.installation import ConnectOptions
    from sage.config.settings import Settings
    from sage.local.data_dir.instance import Instance


@verb(
    "connect",
    argument(
        "client",
        nargs="?",
        choices=BY_NAME,
        metavar="CLIENT",
        help=phrase("one of {names}", names=list(BY_NAME)),
    ),
    argument("--write", action="store_true", help="make the changes"),
    argument("--hooks", nargs="?", const=True, default=False, metavar=EDITS, help=HOOKS_HELP),
    argument(
        "--space",
        metavar="NAME",
        help="space of the hooks, and of the tools with stdio (default: default)",
    ),
    argument(
        "--remove",
        action="store_true",
        help="immediately remove what Sage has added to the client's files, or to "
        "those of all clients if none is named",
    ),
    argument(
        "--yes", action="store_true", help="without a client: connect and import without asking"
    ),
    argument(
        "--import",
        dest="importing",
        action=BooleanOptionalAction,
        help="without a client: import, or do not import, without asking",
    ),
    argument(
        "--transport", choices=("http", "stdio"), help="default: http, if the client supports it"
    ),
    argument("--scope", choices=("user", "project"), help="which files to write (default: user)"),
    argument("--url", help="connect to a Sage elsewhere, such as https://memory.example.org"),
    argument(
        "--token-file",
        metavar="FILE",
        help="with --url: file with the token (default: SAGE_TOKEN, else it is prompted for)",
    ),
    argument(
        "--ca",
        metavar="FILE",
        help="with --url: CA certificates to trust (PEM), instead of those of the system",
    ),
    argument(
        "--proxy",
        metavar="URL",
        help="with --url: proxy for an https:// address, or `none` (default: HTTPS_PROXY)",
    ),
    examples=(
        "sage connect",
        "sage connect --yes --no-import",
        "sage connect claude-code --hooks",
        "sage connect claude-code --hooks --write",
        "sage connect claude-code --remove",
        "sage connect --url https://memory.example.org",
    ),
    details="Without a client, lists the clients on this machine, and asks whether to "
    "connect them, with hooks, and whether to import their sessions of the "
    "last 30 days. With a client, shows what would change in its files; "
    "--write makes the changes. --remove immediately removes what Sage has "
    "added. Each file is first copied to client-backups in the data directory. "
    "With --url, it does what `connect` of sage-client.pyz does, which is installed "
    "for the hooks.",
)
def connect(args: Namespace, console: Console) -> int:
    """Show or make the changes that connect a client, or disconnect it."""
    from sage.cli.connecting.commands import connect_client, connected_clients, show_connection
    from sage.cli.connecting.elsewhere import connect_elsewhere, is_elsewhere
    from sage.clients.hooks.settings import require_understood
    from sage.clients.hooks.settings import use as use_settings_of_hooks
    from sage.clients.program_cache import require_permanent_program
    from sage.local.data_dir.instance import Instance

    resolve_hooks_option(args)
    if is_elsewhere(args):
        require_host("connect", "--url", shlex.quote(args.url))
        return connect_elsewhere(args)
    _require_that_options_fit(args)
    settings = settings_of(args)
    require_host_to_connect(settings.server)
    use_settings_of_hooks(str(settings.data_dir))
    instance = Instance(settings.data_dir, was_named=args.SAGE_DATA_DIR is not None)
    if args.remove:
        clients = [BY_NAME[args.client]] if args.client else connected_clients(settings.data_dir)
        return _disconnect(args, console, settings, clients)
    require_understood(str(settings.data_dir))
    if args.client is None:
        return _begin(args, console, settings, instance)
    client = BY_NAME[args.client]
    options, address = _options_and_address(args, client, settings)
    if not args.write:
        show_connection(console, instance, client, options)
        return OK
    require_permanent_program()

    def ensure_token() -> None:
        if options.hooks:
            _ensure_token(args, settings, options.server.space)

    done = connect_client(console, instance, client, options, address, prepare=ensure_token)
    return OK if done else FAILED


def _begin(args: Namespace, console: Console, settings: Settings, instance: Instance) -> int:
    """Connect all clients and import their stored conversations, each after a question."""
    from copy import copy

    from sage.cli.connecting.local_setup import LocalSetup
    from sage.clients.command.guided_setup import PresetAnswers, set_up

    def options_of(client: Client) -> tuple[ConnectOptions, dict[str, object]]:
        asked = copy(args)
        asked.hooks = client.hooks is not None
        return _options_and_address(asked, client, settings)

    ensure_token = partial(_ensure_token, args, settings, "")
    setup = LocalSetup(
        args, console, settings, instance, options_of=options_of, ensure_token=ensure_token
    )
    importing = args.importing if args.importing is not None else args.yes
    answers = PresetAnswers(args.yes or None, importing or args.importing)
    code = set_up(setup, answers)
    setup.end()
    return code


def _disconnect(
    args: Namespace, console: Console, settings: Settings, clients: Sequence[Client]
) -> int:
    from sage.cli.connecting.commands import connected_clients, disconnect_client
    from sage.cli.connecting.space_token import revoke_space_tokens, unused_space_tokens

    if not clients:
        console.write(phrase("Sage has added nothing to the files of any client"))
    gone = [disconnect_client(console, settings.data_dir, client) for client in clients]
    if clients and not connected_clients(settings.data_dir):
        stays = phrase(
            "saved memories remain: `sage sessions` lists them, `sage forget --session "
            "ID` deletes them"
        )
        console.note(as_called(stays))
    if spaces := unused_space_tokens(settings.data_dir):
        with_database(args, partial(revoke_space_tokens, settings.data_dir, spaces), settings)
    return OK if all(gone) else FAILED


def _ensure_token(args: Namespace, settings: Settings, space: str) -> None:
    """Ensure that hooks have a token for a space; for the default one if Sage requires any.

    A Sage that starts on this data directory creates the latter itself. Before its database exists,
    hooks get the token of the settings.
    """
    from sage.api.access import required_token
    from sage.cli.connecting.space_token import ensure_space_token
    from sage.clients.hooks.launcher import record_token
    from sage.local.data_dir.instance import Instance
    from sage.local.postgres.cluster import FOLDER as CLUSTER

    data_dir, token = settings.data_dir, required_token(settings.server)
    ensuring = partial(ensure_space_token, data_dir, space or DEFAULT_SPACE)
    if space or (token and Instance(data_dir).running()):
        with_database(args, ensuring, settings)
    elif token and settings.database.dsn is not None:
        with suppress(SageError):
            with_database(args, ensuring, settings)
    elif token and not (data_dir / CLUSTER).exists():
        record_token(data_dir, DEFAULT_SPACE, token)


def _require_that_options_fit(args: Namespace) -> None:
    """Raise InvalidInputError for options that need a client, or exclude each other."""
    options = {
        "--remove": args.remove,
        "--write": args.write,
        "--hooks": args.hooks,
        "--transport": args.transport,
        "--scope": args.scope,
        "--space": args.space,
    }
    passed = [name for name, value in options.items() if value]
    of_all = args.yes or args.importing is not None
    if of_all and (args.client is not None or passed):
        raise InvalidInputError(
            "--yes" if args.yes else "--import" if args.importing else "--no-import",
            "{field} applies to all clients at once",
            hint="omit CLIENT and its options",
        )
    if passed and args.client is None and passed != ["--remove"]:
        raise InvalidInputError(
            "CLIENT",
            phrase("{field} is missing; {passed} requires it", passed=passed[0]),
            hint=phrase("use one of {clients}", clients=list(BY_NAME)),
        )
    if args.remove and len(passed) > 1:
        raise InvalidInputError(
            passed[1],
            "{field} cannot be combined with --remove",
            hint="--remove removes everything at once",
        )
    if args.space and not (args.hooks or args.transport == "stdio"):
        raise InvalidInputError(
            "--space",
            "{field} only applies to hooks and stdio",
            hint="add --hooks; over HTTP, the token that the client sends determines the space",
        )


def _options_and_address(
    args: Namespace, client: Client, settings: Settings
) -> tuple[ConnectOptions, dict[str, object]]:
    """Return what to connect, and the address at which hooks reach the server."""
    from sage.api.access import required_token
    from sage.cli.connecting.start_report import server_of
    from sage.clients.connect.installation import ConnectOptions

    url, address = _reached(settings)
    token = required_token(settings.server)
    space = "" if args.space == DEFAULT_SPACE else args.space or ""
    options = ConnectOptions(
        server_of(url, settings.data_dir, token, space),
        Path.home(),
        Path.cwd() if args.scope == "project" else None,
        client.stdio if args.transport is None else args.transport == "stdio",
        args.hooks,
        edits=args.edits,
    )
    return options, address


def _reached(settings: Settings) -> tuple[str, dict[str, object]]:
    """Return the address for clients and the one for hooks, whether Sage is running or not."""
    from sage.clients.hooks.launcher import hook_address
    from sage.local.address import mcp_url
    from sage.local.data_dir.instance import Instance

    running = Instance(settings.data_dir).running()
    place = running or settings.server
    return mcp_url(settings.server, running), hook_address(place.host, place.port)
