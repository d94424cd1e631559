"""What `sage-client.pyz` is called with, and what becomes of an error."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sage import __version__
from sage.clients.archive import digest_of
from sage.clients.command.connecting import connect
from sage.clients.command.control import forget, pause, resume
from sage.clients.command.importing import declare as declare_import
from sage.clients.command.installing import archive_that_runs
from sage.clients.command.places import NAME, data_dir
from sage.clients.command.project import merge
from sage.clients.command.status import status
from sage.clients.command.updating import update
from sage.clients.connect.catalog import BY_NAME
from sage.clients.connect.hook_option import EDITS
from sage.clients.connect.hook_option import HELP as HOOKS_HELP
from sage.clients.hooks import settings
from sage.clients.parser import Parser, SpokenHelp
from sage.domain.text.wording import one_line
from sage.errors import InvalidInputError, SageError
from sage.phrases import phrase
from sage.phrases.language import WIDE_COLON, said, speak

if TYPE_CHECKING:
    from collections.abc import Sequence

_FAILED = 1
_USAGE = 2
_INTERRUPTED = 130


def run(words: Sequence[str]) -> int:
    """Run the command line and return its exit code: 0 done, 1 failed, 2 wrongly called."""
    with suppress(SageError):
        settings.use(str(data_dir()))
    speak(settings.language())
    args = _parser().parse_args(words)
    try:
        return int(args.act(args))
    except SageError as error:
        sys.stderr.writelines((NAME, ": ", one_line(said(error.message)), "\n"))
        if error.hint:
            fix = f"  {said(phrase('fix:'))} {one_line(said(error.hint))}\n"
            sys.stderr.write(fix.replace(f"{WIDE_COLON} ", WIDE_COLON))
        return _USAGE if isinstance(error, InvalidInputError) else _FAILED
    except BrokenPipeError:  # who read the answer has left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _FAILED
    except OSError as error:
        sys.stderr.write(f"{NAME}: {error}\n")
        return _FAILED
    except KeyboardInterrupt:
        return _INTERRUPTED


class _Help(SpokenHelp, argparse.RawDescriptionHelpFormatter):
    """Wraps no description."""


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog=_called_as(),
        description="Connects AI clients on this machine to a Sage elsewhere, or in a container.",
        allow_abbrev=False,
        formatter_class=_Help,  # breaks no line before the digest
    )
    version = f"{NAME} {__version__}, sha256 {digest_of(archive_that_runs())}"
    parser.add_argument(
        "--version", action="version", version=version, help="print the version and exit"
    )
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    _declare_connect(verbs.add_parser("connect", help="connect or disconnect an AI client"))
    declare_import(verbs.add_parser("import", help="import what other programs have kept here"))
    one = verbs.add_parser("status", help="show the server, the clients, and what was captured")
    one.set_defaults(act=status)
    one = verbs.add_parser(
        "update", help="take the client that the server serves, after a question"
    )
    one.add_argument("--yes", action="store_true", help="take it without being asked")
    one.set_defaults(act=update)
    _declare_control(verbs)
    _declare_project(verbs.add_parser("project", help="join the project of a folder to another"))
    one = verbs.add_parser("hook", help="what clients call; `connect --hooks` sets it up")
    one.add_argument("event", metavar="EVENT", help="start, prompt, edit, stop, compact or end")
    one.add_argument("--client", metavar="NAME", help="who calls")
    return parser


def _called_as() -> str:
    """Return how to call this: as the program of the wheel, or as the file."""
    return NAME if Path(sys.argv[0]).name == NAME else f"python3 {NAME}.pyz"


def _declare_control(verbs: argparse._SubParsersAction[Parser]) -> None:
    one = verbs.add_parser("pause", help="stop capture and recall by hooks for a while")
    one.add_argument(
        "time",
        nargs="?",
        metavar="TIME",
        help="for how long, such as 30m, 2h, 1d or 1w (default: until `resume`)",
    )
    one.set_defaults(act=pause)
    one = verbs.add_parser("resume", help="end a pause of the hooks")
    one.set_defaults(act=resume)
    one = verbs.add_parser("forget", help="forget the session that this is run in, or the latest")
    one.description = phrase(
        "Forgets the session of the client that runs this, or else the latest of this folder's"
        " project, and captures nothing more of it."
    )
    one.add_argument(
        "--this-session", action="store_true", help="the same, as `sage forget` calls it"
    )
    one.add_argument("--undo", action="store_true", help="restore it, within 30 days")
    one.set_defaults(act=forget)


def _declare_connect(parser: argparse.ArgumentParser) -> None:
    parser.description = phrase(
        "Without a client, lists those on this machine, and asks whether to connect them, with"
        " hooks, and to import the sessions that they kept of the last 30 days; with --token-file,"
        " --ca or --proxy, but no --url, it takes these for all that is connected. With a client,"
        " shows what would change in its files; --write makes the changes. --remove takes out at"
        " once what was put in; with the last client, everything else of this program goes, too."
    )
    which = phrase("one of {names}", names=list(BY_NAME))
    parser.add_argument("client", nargs="?", choices=BY_NAME, metavar="CLIENT", help=which)
    parser.add_argument("--url", help="address of Sage, such as https://memory.example.org")
    parser.add_argument(
        "--hooks", nargs="?", const=True, default=False, metavar=EDITS, help=HOOKS_HELP
    )
    parser.add_argument(
        "--token-file",
        metavar="FILE",
        help="file with the token of this machine (default: SAGE_TOKEN, else you are asked)",
    )
    parser.add_argument(
        "--ca", metavar="FILE", help="trust the authorities in FILE (PEM), not those of the system"
    )
    parser.add_argument(
        "--proxy",
        metavar="URL",
        help="reach an https:// address by this proxy, or by none (default: that of HTTPS_PROXY)",
    )
    parser.add_argument(
        "--yes", action="store_true", help="without a client: connect and import unasked"
    )
    parser.add_argument(
        "--import",
        dest="importing",
        action=argparse.BooleanOptionalAction,
        help="without a client: import, or do not, unasked",
    )
    parser.add_argument("--write", action="store_true", help="make the changes")
    parser.add_argument("--remove", action="store_true", help="take out what was put in")
    parser.set_defaults(act=connect)


def _declare_project(parser: argparse.ArgumentParser) -> None:
    one = parser.add_subparsers(metavar="VERB", required=True).add_parser(
        "merge", help="join a project to another one; can be undone"
    )
    one.add_argument("old", metavar="OLD", help="the project that is joined, such as a folder here")
    one.add_argument("new", metavar="NEW", help="the project that it belongs to")
    one.add_argument("--undo", action="store_true", help="take OLD out of NEW again")
    one.set_defaults(act=merge)
