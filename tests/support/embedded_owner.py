"""A process that uses the embedded Postgres: it answers each line it is told with one line."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sage.errors import SageError
from sage.local.postgres import EmbeddedPostgres


def main() -> None:
    server = EmbeddedPostgres(Path(sys.argv[1]))
    held: list[int] = []

    def exhaust() -> str:
        while True:
            try:
                held.append(os.dup(0))
            except OSError as error:
                return error.strerror

    def relieve() -> None:
        while held:
            os.close(held.pop())

    verbs = {
        "start": server.start,
        "ensure": server.ensure_running,
        "stop": server.stop,
        "exhaust": exhaust,
        "relieve": relieve,
    }
    for line in sys.stdin:
        try:
            answer = str(verbs[line.strip()]())
        except SageError as error:
            answer = f"{type(error).__name__}: {error.message}"
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
