"""`sage version`."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from sage import __version__
from sage.cli.failures import OK
from sage.cli.options import JSON
from sage.cli.verb import verb

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.terminal.console import Console


@verb("version", JSON, examples=("sage version", "sage version --json"))
def version(args: Namespace, console: Console) -> int:
    """Print the versions of Sage and of the Python it runs on."""
    if args.json:
        console.write_json({"sage": __version__, "python": platform.python_version()})
    else:
        console.write("sage ", __version__)
    return OK
