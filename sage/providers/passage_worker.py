"""Embeds texts for another process, which survives a crash of the engine.

Reads a JSON array of texts a line from standard input. Writes a line of JSON for each, followed by
the vectors as float32 when it is `{"vectors": N}`. Ends when its input does.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys

from sage.errors import SageError
from sage.providers.local import LocalEmbedder


def main() -> None:
    """Work until standard input ends; Ctrl-C is for the process that asks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    embedder = LocalEmbedder()
    with asyncio.Runner() as runner:
        runner.run(embedder.start())
        for line in sys.stdin.buffer:
            try:
                vectors = runner.run(embedder.embed_passages(json.loads(line)))
            except SageError as error:
                _write({"error": error.message, "hint": error.hint})
            else:
                _write({"vectors": len(vectors)}, vectors.astype("<f4").tobytes())
        runner.run(embedder.close())


def _write(header: dict[str, object], content: bytes = b"") -> None:
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n" + content)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
