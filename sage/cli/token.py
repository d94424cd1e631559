"""`sage token`."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from sage.cli.accounts import in_transaction, write_list
from sage.cli.failures import OK
from sage.cli.open_services import settings_of
from sage.cli.options import JSON
from sage.cli.verb import argument, verb
from sage.domain.caller import SpaceRole
from sage.domain.local_time import local_time_text
from sage.domain.memories import DEFAULT_SPACE
from sage.errors import InvalidInputError
from sage.phrases import joined, phrase

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from sage.access.accounts.tokens import Token
    from sage.cli.accounts import Clock
    from sage.cli.terminal.console import Console
    from sage.config.settings import Settings
    from sage.store.connections.connection import Connection

_HEADING = ("token", "user", "prefix or app", "access to", "expires", "last used")


@verb(
    "token create",
    argument(
        "--space",
        dest="spaces",
        action="append",
        default=[],
        metavar="SPACE[:ROLE]",
        help="space to give access to; repeat for several, the default one first",
    ),
    argument(
        "--role",
        choices=[str(role) for role in SpaceRole],
        default=SpaceRole.WRITER.value,
        help="role in spaces without an explicit one (default: %(default)s)",
    ),
    argument("--user", metavar="USER", help="user that it belongs to"),
    argument("--name", metavar="NAME", help="name of the token (default: its first characters)"),
    argument(
        "--machine",
        metavar="NAME",
        help="create a token named after a machine, valid only for its hooks and imports",
    ),
    argument(
        "--expires",
        metavar="TIME",
        help="how long it is valid, such as 12h, 90d or 52w, or its last day, such as "
        "2027-01-31 (default: forever)",
    ),
    JSON,
    summary="create a token and print it once",
    examples=(
        "sage token create --space team --role reader",
        "sage token create --space team --expires 2027-01-31",
        "sage token create --space anna:owner --space team:reader",
        "sage token create --machine laptop",
    ),
    details="A reader can search, list and read; a writer can also save, forget and "
    "restore; an owner can do everything. Only a digest of the token is "
    "stored, so keep the printed token. Memories saved with it carry the name "
    "of its user, or its own name. A token created with --machine is only "
    "valid for the hooks and imports of that machine, in one space; in the "
    "default space, without --user, it belongs to the owner of the server, "
    "like SAGE_TOKEN.",
)
def create(args: Namespace, console: Console) -> int:
    """Create a token."""
    from sage.access.accounts.parsing import read_lifetime, read_opened
    from sage.access.accounts.tokens import create_token, read_token

    if args.machine is not None:
        _require_one_space(args)
    spaces = args.spaces or ([] if args.machine is None else [DEFAULT_SPACE])
    name = args.name if args.machine is None else args.machine
    roles = dict(read_opened(space, args.role) for space in spaces)
    settings = settings_of(args)
    lifetime = None if args.expires is None else read_lifetime(args.expires, settings.timezone)

    async def create_and_read(conn: Connection) -> tuple[str, Token]:
        secret = await create_token(
            conn,
            roles,
            name=name,
            user=args.user,
            lifetime=lifetime,
            of_machine=args.machine is not None,
        )
        return secret, await read_token(conn, secret)

    made = in_transaction(args, create_and_read, settings)
    return _write_secret(args, console, *made, settings)


def _require_one_space(args: Namespace) -> None:
    """Raise InvalidInputError for options that exclude a machine's token."""
    if args.name is not None or args.role != SpaceRole.WRITER:
        raise InvalidInputError(
            "--machine",
            "{field} cannot be combined with --name and --role",
            hint="it is the name of the token that the hooks of the machine use",
        )
    if len(args.spaces) > 1 or any(":" in space for space in args.spaces):
        raise InvalidInputError(
            "--machine",
            "{field} takes one space, without a role",
            hint="pass only its name: --space team",
        )


@verb(
    "token list",
    JSON,
    summary="list the tokens, without their secrets",
    examples=("sage token list",),
)
def show(args: Namespace, console: Console) -> int:
    """List the tokens."""
    from sage.access.accounts.tokens import list_tokens

    return write_list(args, console, in_transaction(args, list_tokens), _HEADING, _row)


@verb(
    "token revoke",
    argument("name", metavar="NAME", help="name of the token, or of an app as listed"),
    summary="revoke a token, effective at once",
    examples=("sage token revoke laptop", "sage token revoke oauth:3"),
)
def revoke(args: Namespace, console: Console) -> int:
    """Revoke a token."""
    from sage.access.accounts.tokens import revoke_token

    in_transaction(args, lambda conn: revoke_token(conn, args.name))
    console.write(phrase("revoked the token {name}", name=args.name))
    return OK


@verb(
    "token rotate",
    argument("name", metavar="NAME", help="name of the token"),
    JSON,
    summary="replace the secret of a token and print the new one",
    examples=("sage token rotate laptop",),
    details="The old secret stops working immediately. The lifetime of a token with an "
    "expiry date starts over.",
)
def rotate(args: Namespace, console: Console) -> int:
    """Replace the secret of a token."""
    from sage.access.accounts.tokens import read_token, rotate_token

    async def rotate_and_read(conn: Connection) -> tuple[str, Token]:
        secret = await rotate_token(conn, args.name)
        return secret, await read_token(conn, secret)

    settings = settings_of(args)
    made = in_transaction(args, rotate_and_read, settings)
    return _write_secret(args, console, *made, settings)


def _write_secret(
    args: Namespace, console: Console, secret: str, token: Token, settings: Settings
) -> int:
    """Write only the secret to standard output, for scripts, and a line to send as a note."""
    from pydantic_core import to_jsonable_python

    from sage.access.accounts.secrets import is_of_machine
    from sage.local.address import mcp_url

    server = settings.server
    url = mcp_url(server)
    if args.json:
        fields = {"name": token.name, "opens": token.opens, "expires_at": token.expires_at}
        console.write_json(to_jsonable_python({"token": secret, **fields, "mcp_url": url}))
        return OK
    console.write(secret)
    console.note(phrase("copy it now: it is not stored and cannot be shown again"))
    if token.expires_at is None:
        console.note(
            phrase("it gives access to {spaces} and does not expire", spaces=list(token.opens))
        )
    else:
        end = local_time_text(token.expires_at, settings.timezone)
        console.note(
            phrase("it gives access to {spaces} until {time}", spaces=list(token.opens), time=end)
        )
    if server.public_url is None:
        console.note(
            phrase(
                "the address in the line only works on this machine: for others, set "
                "SAGE_PUBLIC_URL and restart Sage (docs/reverse-proxy.md)"
            )
        )
    if is_of_machine(secret):
        if token.user_name is None and token.opens == (f"{DEFAULT_SPACE}:hooks",):
            console.note(
                phrase(
                    "it is for one of your own machines, like SAGE_TOKEN; for those "
                    "of other users, pass --user"
                )
            )
        console.note(phrase("send it together with this command, which prompts for it:"))
        console.note_text(f"  {_line_for_machine(url.removesuffix('/mcp'))}")
        return OK
    console.note(phrase("send this line to the user of the token, or the token and the address:"))
    shown = secret if console.err.isatty() else "TOKEN"  # what is piped may be kept in a log
    header = shlex.quote(f"Authorization: Bearer {shown}")
    command = f"claude mcp add --scope user --transport http sage {url} --header {header}"
    console.note_text(f"  {command}")
    return OK


def _line_for_machine(url: str) -> str:
    """Return the command for a machine: it fetches the client, connects clients and imports.

    Without TLS it compares the file with the digest that is known here.
    """
    from sage.clients.archive import digest_of, packed_here

    file = "sage-client.pyz"
    fetched = f"curl -fsSO {url}/client/{file}"
    if not url.startswith("https:"):
        check = f"sys.exit(hashlib.sha256(open('{file}', 'rb').read()).hexdigest() != '{{}}')"
        check = f"import hashlib, sys; {check.format(digest_of(packed_here()))}"
        is_other = f"echo '{file} is not the one of this Sage, and is removed' >&2"
        fetched += f' && {{ python3 -c "{check}" || {{ {is_other}; rm {file}; false; }}; }}'
    return f"{fetched} && python3 {file} connect --url {url}"


def _row(one: Token, clock: Clock) -> Sequence[str]:
    """Return the cells below the heading `_HEADING`."""
    return (
        one.name,
        one.user_name or "-",
        one.prefix,
        joined(", ", _opened(one)),
        phrase("expired") if one.is_expired else clock(one.expires_at),
        clock(one.last_used_at),
    )


def _opened(one: Token) -> Sequence[str]:
    if not one.of_machine:
        return one.opens
    return [phrase("{space} (hooks and imports)", space=space) for space in sorted(one.spaces)]
