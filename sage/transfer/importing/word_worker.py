"""A process that makes the lexemes of texts: a list in, a list out, until its input ends."""

from __future__ import annotations

import json
import signal
import sys
from datetime import datetime
from typing import BinaryIO

from sage.domain.memories import Role
from sage.retrieval.preferences.keys import lexemes_of

LENGTH_BYTES = 8
"""Each list in JSON is preceded by its length in bytes."""


def packed(value: object) -> bytes:
    """Return a value in the form in which it is sent."""
    content = json.dumps(value, ensure_ascii=False).encode()
    return len(content).to_bytes(LENGTH_BYTES, "big") + content


def work(source: BinaryIO, to: BinaryIO) -> None:
    """Answer each list of texts, names, times and roles with their `tsvector` literals."""
    while header := source.read(LENGTH_BYTES):
        texts = json.loads(source.read(int.from_bytes(header, "big")))
        answers = [
            lexemes_of(content, name, datetime.fromisoformat(when), Role(role))
            for content, name, when, role in texts
        ]
        to.write(packed(answers))
        to.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # its parent stops it
    work(sys.stdin.buffer, sys.stdout.buffer)
