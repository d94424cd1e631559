"""The command line of `sage-client.pyz`, and the reporting of its errors."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sage import __version__
from sage.clients.archive import digest_of
from sage.clients.command.connect import connect
from sage.clients.command.control import forget, pause, resume
from sage.clients.command.import_ import declare as declare_import
from sage.clients.command.installed_copy import archive_that_runs
from sage.clients.command.paths import NAME, data_dir
from sage.clients.command.project import merge
from sage.clients.command.status import status
from sage.clients.command.update import update
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
    """Run the command line and return its exit code: 0 success, 1 failure, 2 usage error."""
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
    """Help without wrapped descriptions."""


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog=_called_as(),
        description="Connects AI clients on this machine to a Sage server on another "
        "machine or in a container.",
        allow_abbrev=False,
        formatter_class=_Help,  # breaks no line before the digest
    )
    version = f"{NAME} {__version__}, sha256 {digest_of(archive_that_runs())}"
    parser.add_argument(
        "--version", action="version", version=version, help="print the version and exit"
    )
    verbs = parser.add_subparsers(metavar="COMMAND", required=True)
    _declare_connect(verbs.add_parser("connect", help="connect or disconnect an AI client"))
    declare_import(verbs.add_parser("import", help="import data of other programs on this machine"))
    one = verbs.add_parser("status", help="show the server, the clients, and what was captured")
    one.set_defaults(act=status)
    one = verbs.add_parser("update", help="update to the client version that the server provides")
    one.add_argument("--yes", action="store_true", help="update without asking for confirmation")
    one.set_defaults(act=update)
    _declare_control(verbs)
    _declare_project(
        verbs.add_parser("project", help="merge the project of a directory into another")
    )
    one = verbs.add_parser(
        "hook", help="run a hook; called by clients, set up by `connect --hooks`"
    )
    one.add_argument("event", metavar="EVENT", help="start, prompt, edit, stop, compact or end")
    one.add_argument("--client", metavar="NAME", help="name of the client")
    return parser


def _called_as() -> str:
    """Return the name of this program: that of the wheel, or the file."""
    return NAME if Path(sys.argv[0]).name == NAME else f"python3 {NAME}.pyz"


def _declare_control(verbs: argparse._SubParsersAction[Parser]) -> None:
    one = verbs.add_parser("pause", help="pause capture and recall by hooks")
    one.add_argument(
        "time",
        nargs="?",
        metavar="TIME",
        help="for how long, such as 30m, 2h, 1d or 1w (default: until `resume`)",
    )
    one.set_defaults(act=pause)
    one = verbs.add_parser("resume", help="resume capture and recall by hooks")
    one.set_defaults(act=resume)
    one = verbs.add_parser("forget", help="forget the current session, or the latest")
    one.description = phrase(
        "Forgets the session of the client that runs this, else the latest session in "
        "the project of the current directory. The rest of that session is not "
        "captured."
    )
    one.add_argument(
        "--this-session",
        action="store_true",
        help="same as `forget`, for compatibility with `sage forget`",
    )
    one.add_argument("--undo", action="store_true", help="restore it, within 30 days")
    one.set_defaults(act=forget)


def _declare_connect(parser: argparse.ArgumentParser) -> None:
    parser.description = phrase(
        "Without a client, lists the clients on this machine, and asks whether to "
        "connect them, with hooks, and whether to import their sessions of the last 30 "
        "days; with --token-file, --ca or --proxy, but no --url, applies these to all "
        "connected clients. With a client, shows what would change in its files; "
        "--write makes the changes. --remove immediately removes what was added; with "
        "the last client, it removes everything else of this program, too."
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
        help="file with the token of this machine (default: SAGE_TOKEN, else it is prompted for)",
    )
    parser.add_argument(
        "--ca",
        metavar="FILE",
        help="CA certificates to trust (PEM), instead of those of the system",
    )
    parser.add_argument(
        "--proxy",
        metavar="URL",
        help="proxy for an https:// address, or `none` (default: HTTPS_PROXY)",
    )
    parser.add_argument(
        "--yes", action="store_true", help="without a client: connect and import without asking"
    )
    parser.add_argument(
        "--import",
        dest="importing",
        action=argparse.BooleanOptionalAction,
        help="without a client: import, or do not import, without asking",
    )
    parser.add_argument("--write", action="store_true", help="make the changes")
    parser.add_argument("--remove", action="store_true", help="remove what was added")
    parser.set_defaults(act=connect)


def _declare_project(parser: argparse.ArgumentParser) -> None:
    one = parser.add_subparsers(metavar="COMMAND", required=True).add_parser(
        "merge", help="merge a project into another one; can be undone"
    )
    one.add_argument(
        "old", metavar="OLD", help="project to merge, such as a directory on this machine"
    )
    one.add_argument("new", metavar="NEW", help="project to merge it into")
    one.add_argument("--undo", action="store_true", help="separate OLD from NEW again")
    one.set_defaults(act=merge)
