"""`sage-client.pyz connect`: show the changes, make them, and undo them."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from sage.clients.command.installed_copy import hook_words, install_copy, python, remove_all
from sage.clients.command.output import note, say
from sage.clients.command.paths import data_dir, token_file
from sage.clients.command.remote_setup import NO_TLS, set_up_remote
from sage.clients.command.server import (
    address_of,
    keep_token,
    known_token,
    made_folders,
    proxy_for,
    proxy_name,
    recorded_address,
    require_answer,
    require_token,
    reset_backoff,
)
from sage.clients.connect.applying import apply_changes, plan_connection, plan_removal
from sage.clients.connect.catalog import BY_NAME, CLIENTS, TAKE_COMMANDS_ALONE
from sage.clients.connect.changes import foreign_edits
from sage.clients.connect.hook_option import resolve_hooks_option
from sage.clients.connect.installation import ConnectOptions, is_installed, require_hooks
from sage.clients.connect.journal import ConnectJournal
from sage.clients.connect.server import MACHINE_MARK, MCP_PATH, Server
from sage.clients.connect.texts import (
    as_entry,
    connected_text,
    difference,
    disconnected_text,
    left_alone,
    not_removed,
    what_was_done,
)
from sage.clients.hooks.capture import spool, worker
from sage.clients.hooks.capture.status import forget_set_up, record_set_up
from sage.clients.hooks.launcher import record_server
from sage.clients.hooks.settings import require_understood
from sage.domain.text.columns import padded
from sage.errors import InvalidInputError, SageError
from sage.phrases import joined, numbered, phrase
from sage.phrases.language import said, said_phrase

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence

    from sage.clients.connect.catalog import Client
    from sage.clients.connect.changes import FileChange


def connect(args: Namespace) -> int:
    """Show or make the changes that connect a client, or disconnect it; return the exit code."""
    resolve_hooks_option(args)
    _require_that_options_fit(args)
    if args.remove:
        return _disconnect([BY_NAME[args.client]] if args.client else _connected())
    require_understood(str(data_dir()))
    address = _address(args)
    if args.client is None:
        if args.url is None and (args.token_file or args.ca or args.proxy):
            return _renew(args.token_file, address)
        return set_up_remote(args, address)
    client = BY_NAME[args.client]
    if client.name in TAKE_COMMANDS_ALONE:
        raise InvalidInputError(
            client.title,
            "{field} only supports local programs in its configuration file, not URLs",
            hint="add Sage as a connector in its settings",
        )
    mcp = f"{address['url']}{MCP_PATH}"
    kept = str(token_file())
    server = Server(mcp, needs_token=True, command=(), hook=hook_words(), token_file=kept)
    token = known_token(args.token_file, token_file())
    if args.write and client.file:
        token = require_token(token)
    tools = not token.startswith(MACHINE_MARK)
    if not tools and not args.hooks:
        raise InvalidInputError(
            "--hooks",
            "{field} is missing: the token is only valid for hooks and imports",
            hint="add --hooks",
        )
    options = ConnectOptions(server, Path.home(), hooks=args.hooks, tools=tools, edits=args.edits)
    if args.write:
        return _connect(client, options, address, token)
    code = _show(client, options)
    if client.file and args.hooks and not token:
        note(
            phrase(
                "a machine token is only valid for hooks and imports, not for tools: "
                "pass the token to see what --write would change"
            )
        )
    return code


def _require_that_options_fit(args: Namespace) -> None:
    """Raise InvalidInputError for options that need a client, or exclude --remove."""
    options = {
        "--write": args.write,
        "--hooks": args.hooks,
        "--token-file": args.token_file,
        "--ca": args.ca,
        "--proxy": args.proxy,
    }
    passed = [name for name, value in options.items() if value]
    of_all = args.yes or args.importing is not None
    if of_all and (args.client is not None or args.remove):
        raise InvalidInputError(
            "--yes" if args.yes else "--import" if args.importing else "--no-import",
            "{field} applies to all clients at once",
            hint="omit CLIENT and its options",
        )
    if passed and args.remove:
        raise InvalidInputError(
            passed[0], "{field} cannot be combined with --remove", hint="omit it"
        )
    for_one = [name for name in ("--write", "--hooks") if name in passed]
    if for_one and args.client is None:
        raise InvalidInputError(
            "CLIENT",
            phrase("{field} is missing; {passed} requires it", passed=for_one[0]),
            hint=phrase("use one of {clients}", clients=list(BY_NAME)),
        )


def _address(args: Namespace) -> Mapping[str, object]:
    """Return the given address, or the one that was connected before."""
    known = recorded_address(data_dir())
    if args.url is None and not known:
        raise InvalidInputError(
            "--url",
            "{field} is missing",
            hint="pass the address of Sage: --url https://memory.example.org",
        )
    url, ca = args.url, args.ca
    if url is None:
        url, ca = str(known["url"]), ca or str(known["ca"]) or None
    address = address_of(url, ca, token_file())
    proxy = proxy_for(address, args.proxy, known)
    return {**address, "proxy": proxy} if proxy else address


def _renew(named: str | None, address: Mapping[str, object]) -> int:
    """Use another token, proxy or CA file for all connections, and send queued events."""
    folder = data_dir()
    token = require_token(known_token(named or str(token_file()), token_file()))
    took_s = require_answer(address, token)
    keep_token(token, token_file())
    record_server(folder, {**address, "made_folders": made_folders(folder)})
    reset_backoff(folder, took_s)
    for name, text in _server_rows(address, took_s):
        say(f"{padded(said(name), 7)}  {said_phrase(text)}")
    if waiting := len(spool.waiting(str(folder))):
        spool.start_worker(str(folder))
        say(
            numbered(
                "{count:,} queued event is being sent",
                "{count:,} queued events are being sent",
                count=waiting,
            )
        )
    return 0


def _server_rows(address: Mapping[str, object], took_s: float) -> list[tuple[str, str]]:
    answered = phrase(
        "{url} answered in {took:.2f} s; token stored in {file}",
        url=address["url"],
        took=took_s,
        file=token_file(),
    )
    rows = [(phrase("server"), answered)]
    if proxy := proxy_name(address.get("proxy")):
        rows.append((phrase("proxy"), phrase("{proxy}; `--proxy none` disables it", proxy=proxy)))
    return rows


def _show(client: Client, options: ConnectOptions) -> int:
    """Show the changes that would connect a client."""
    if not client.file:
        return _show_entry(client, options)
    changes = plan_connection(client, options, ConnectJournal(data_dir()))
    _write_differences(changes)
    for message in left_alone(changes):
        note(message)
    if any(change.changes_file for change in changes):
        note(
            phrase(
                "nothing is written yet: add --write to make these changes"
                if is_installed(client, options.home)
                else "nothing is written yet: {client} is not on this machine: start it once, then"
                " add --write to make these changes",
                client=client.title,
            )
        )
    else:
        say(phrase("nothing to change in the files of {client}", client=client.title))
    return 0


def _show_entry(client: Client, options: ConnectOptions) -> int:
    if options.hooks:
        require_hooks(client, options)
    say(as_entry(client.mcp(options.server, options.stdio)))
    note(phrase("paste this into the MCP configuration of {client}", client=client.title))
    return 0


def _connect(
    client: Client, options: ConnectOptions, address: Mapping[str, object], token: str
) -> int:
    """Connect a client to a server that answers; return 1 if other content was in the way."""
    if not client.file:
        return _show_entry(client, options)
    if not is_installed(client, options.home):
        raise InvalidInputError(
            client.title, "{field} is not on this machine", hint="start it once, then connect it"
        )
    folder = data_dir()
    journal = ConnectJournal(folder)
    changes = plan_connection(client, options, journal)
    took_s = require_answer(address, token)
    copy = install_copy(address, token, took_s)
    if options.hooks:
        record_set_up(str(folder), client.name)
    copies = apply_changes(folder, client, changes, journal)
    for message in left_alone(changes):
        note(message)
    if any(change.changes_file for change in changes):
        say(connected_text(client, options, changes))
    else:
        say(phrase("nothing to change in the files of {client}", client=client.title))
    undo = f"{shlex.join([python(), str(copy)])} connect {client.name} --remove"
    done = what_was_done(client, options, changes, copies, undo)
    rows = [*_server_rows(address, took_s), *done]
    for name, text in rows:
        say(f"  {padded(said(name), 7)}  {said_phrase(text)}")
    if not address["tls"]:
        note(NO_TLS)
    return 1 if foreign_edits(changes) else 0


def _connected() -> list[Client]:
    journal = ConnectJournal(data_dir())
    return [client for client in CLIENTS if journal.files(client.name)]


def _disconnect(clients: Sequence[Client]) -> int:
    """Disconnect clients; with the last one, remove everything stored here."""
    folder = data_dir()
    if not clients:
        say(phrase("nothing was added to the files of any client"))
    problems: list[SageError] = []
    for client in clients:
        journal = ConnectJournal(folder)
        changes, broken = plan_removal(client, journal)
        if not changes and not broken:
            say(phrase("nothing was added to the files of {client}", client=client.title))
            continue
        _write_differences(changes)
        for change in changes:
            for message in not_removed(change):
                note(message)
        apply_changes(folder, client, changes, journal)
        problems += broken
        if not broken:
            forget_set_up(str(folder), client.name)
            say(disconnected_text(client, changes))
    for problem in problems:
        note(joined("; ", (problem.message, problem.hint)))
    if not _connected() and folder.exists():
        _end(folder)
    return 1 if problems else 0


def _end(folder: Path) -> None:
    """Send queued events, and remove everything, since no client is left."""
    if spool.is_waiting(str(folder)):
        worker.run(str(folder))
    if left := len(spool.waiting(str(folder))):
        note(
            numbered(
                "{count:,} event in the queue was not accepted by Sage; its messages "
                "are not stored",
                "{count:,} events in the queue were not accepted by Sage; their "
                "messages are not stored",
                count=left,
            )
        )
    if kept := remove_all():
        say(
            phrase(
                "removed the token, and everything in {directory} except {file}",
                directory=folder,
                file=kept,
            )
        )
        note(
            phrase(
                "it records when hooks were paused, so that `connect` does not import "
                "messages from those times"
            )
        )
    else:
        say(phrase("removed {directory} and the token", directory=folder))
    note(
        phrase(
            "saved memories remain on the server: `sage sessions` lists them, `sage "
            "forget --session ID` deletes them; the token is valid until `sage token "
            "revoke NAME`"
        )
    )


def _write_differences(changes: Sequence[FileChange]) -> None:
    for change in changes:
        if change.changes_file:
            say(str(change.file.path))
            for line in difference(change):
                say(f"  {line}")
