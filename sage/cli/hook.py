"""`sage hook`, which `sage.__main__` runs before any argument is parsed; this is its help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.config.layers import read_layers
from sage.config.paths import Paths
from sage.hooks import main

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from sage.cli.parsing import VerbParser
    from sage.terminal.console import Console


def declare(parser: VerbParser) -> None:
    """Declare the event and the client."""
    parser.describe(
        hook,
        examples=("sage hook start --client claude-code < event.json",),
        details="`sage connect CLIENT --hooks --write` sets it up. Reads the event on standard"
        " input as the client sends it. The exit code is always 0, and nothing is printed but"
        " the answer to the client.",
    )
    parser.add_argument("event", metavar="EVENT", help="start, prompt, stop, compact or end")
    parser.add_argument("--client", metavar="NAME", help="who calls, as `sage connect` names it")
    parser.add_argument("--space", metavar="NAME", help="space to use (default: default)")


def hook(args: Namespace, _: Console) -> int:
    """Run the hook with what was parsed."""
    return run_hook([args.event, "--client", args.client or "", "--space", args.space or ""])


def run_hook(words: Sequence[str]) -> int:
    """Run a hook of the configured data directory; return 0, whatever happens."""
    paths = Paths.of()
    return main.run(str(read_layers(paths=paths).data_dir), [*words])
