"""`sage hook`, which `sage.__main__` runs before any argument is parsed; this is its help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.verb import argument, verb
from sage.clients.hooks import main
from sage.config.layers import read_layers
from sage.config.paths import Paths

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from sage.cli.terminal.console import Console


@verb(
    "hook",
    argument("event", metavar="EVENT", help="start, prompt, edit, stop, compact or end"),
    argument("--client", metavar="NAME", help="name of the client, as in `sage connect`"),
    argument("--space", metavar="NAME", help="space to use (default: default)"),
    examples=("sage hook start --client claude-code < event.json",),
    details="`sage connect CLIENT --hooks --write` sets it up. Reads the event on standard"
    " input as the client sends it. The exit code is always 0, and only the response to"
    " the client is printed.",
)
def hook(args: Namespace, _: Console) -> int:
    """Run the hook with the parsed arguments."""
    words = [args.event, "--client", args.client or "", "--space", args.space or ""]
    return run_hook(words, args.SAGE_DATA_DIR, args.env_file)


def run_hook(words: Sequence[str], data_dir: str | None, env_file: str | None) -> int:
    """Run a hook of the data directory, by default the configured one; always return 0."""
    overrides = {"SAGE_DATA_DIR": data_dir}
    layers = read_layers(overrides=overrides, paths=Paths.of(env_file=env_file))
    return main.run(str(layers.data_dir), [*words])
