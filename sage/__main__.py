"""Run the command line: `python -m sage` and the console script `sage` are the same."""

from __future__ import annotations

import sys

_HELP = {"-h", "--help"}


def main() -> int:
    """Run the command line of this process; return the exit code.

    `sage hook` reads no options: whatever it is called with, it answers the client or is silent,
    and its exit code is 0. Clients take another one as a veto.
    """
    words = sys.argv[1:]
    if words[:1] == ["hook"] and not _HELP & {*words}:
        try:
            from sage.cli.hook import run_hook  # noqa: PLC0415 - the parser is not needed

            return run_hook(words[1:])
        except BaseException:  # noqa: BLE001 - a hook never breaks its client
            return 0
    from sage.cli.main import main as run  # noqa: PLC0415 - it is slow to import

    return run()


if __name__ == "__main__":
    sys.exit(main())
