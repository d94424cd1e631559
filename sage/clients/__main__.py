"""The entry point of `sage-client.pyz`. Every Python since 3.6 can parse this file.

A Python that is too old for Sage is reported in a sentence; a hook never prints anything.
"""

import os
import sys

_OLDEST = (3, 11)


def main() -> int:
    """Run the command line of this process; return the exit code."""
    is_hook = sys.argv[1:2] == ["hook"] and not {"-h", "--help"} & {*sys.argv}
    problem = _problem()
    if problem:
        if not is_hook:
            sys.stderr.writelines(("sage-client: ", problem, "\n"))
        return 0 if is_hook else 1
    if is_hook:
        _run_hook()
    from sage.clients.command.main import run  # noqa: PLC0415 - older ones cannot read it

    return run(sys.argv[1:])


def _problem() -> str:
    """Return why this Python cannot run the client, empty if it can."""
    if os.name != "posix":
        return "it runs on Linux and macOS; on Windows, run it within WSL"
    if sys.version_info < _OLDEST:
        needed = ".".join(map(str, _OLDEST))
        found = ".".join(map(str, sys.version_info[:3]))
        return f"it needs Python {needed} or newer, and {sys.executable} is Python {found}"
    return ""


def _run_hook() -> None:
    """Run a hook and end the process; no error reaches the client."""
    if os.environ.get("SAGE_HOOK") == "off":
        os._exit(0)
    try:
        from sage.clients.command.paths import data_dir_of_hooks  # noqa: PLC0415 - as above
        from sage.clients.hooks.main import run  # noqa: PLC0415 - as above

        run(data_dir_of_hooks(), sys.argv[2:])
    finally:
        os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
