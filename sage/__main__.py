"""Run the command line: `python -m sage` and the console script `sage` are the same."""

from __future__ import annotations

import sys

_HELP = {"-h", "--help"}
_FOR_EVERY_VERB = {"--data-dir", "--env-file", "--log-level"}


def main() -> int:
    """Run the command line of this process; return the exit code.

    `sage hook` rejects no option: whatever its arguments, it answers the client or prints nothing,
    and its exit code is 0. Clients treat any other as a veto.
    """
    words = sys.argv[1:]
    options, rest = _split(words) if "hook" in words else ({}, words)
    if rest[:1] == ["hook"] and not _HELP & {*rest}:
        try:
            from sage.cli.hook import run_hook  # noqa: PLC0415 - the parser is not needed

            return run_hook(rest[1:], options.get("--data-dir"), options.get("--env-file"))
        except BaseException:  # noqa: BLE001 - a hook never breaks its client
            return 0
    from sage.cli.main import main as run  # noqa: PLC0415 - it is slow to import

    return run()


def _split(words: list[str]) -> tuple[dict[str, str], list[str]]:
    """Return the options that every verb accepts, wherever they are, and the other words."""
    options: dict[str, str] = {}
    others: list[str] = []
    left = iter(words)
    for word in left:
        name, is_whole, value = word.partition("=")
        if name in _FOR_EVERY_VERB:
            options[name] = value if is_whole else next(left, "")
        else:
            others.append(word)
    return options, others


if __name__ == "__main__":
    sys.exit(main())
