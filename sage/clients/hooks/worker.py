"""Start the process that captures, detached from the client that waits for the hook."""

import os
import sys

from sage.clients.hooks.state_files import FOLDER

_CAPTURE = "from sage.clients.hooks.capture import run; run({data_dir!r})"


def start(data_dir: str) -> None:
    """Start it, without a terminal and without the pipes of the client. Raises OSError."""
    root = os.path.abspath(__file__)
    for _ in __name__.split("."):
        root = os.path.dirname(root)
    code = f"import sys; sys.path.insert(0, {root!r}); {_CAPTURE.format(data_dir=data_dir)}"
    if os.fork():
        return
    try:
        os.setsid()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nowhere, descriptor)
        os.closerange(3, 256)
        os.chdir(os.path.join(data_dir, FOLDER))
        os.execv(sys.executable, [sys.executable, "-I", "-S", "-c", code])  # noqa: S606
    finally:
        os._exit(1)
