"""Ask a person before something is done."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sage.cli.terminal.console import Console


def can_ask(console: Console) -> bool:
    """Return whether a person sees a question and can answer it."""
    return bool(sys.stdin and sys.stdin.isatty() and console.err.isatty())


def confirm(console: Console, question: str) -> bool:
    """Ask a question and return whether the answer is yes; scripts are not asked: True."""
    if not can_ask(console):
        return True
    console.note(f"{question}? [y/N] ", end="")
    try:
        answer = sys.stdin.readline()
    except KeyboardInterrupt:
        console.note()
        raise
    if not answer.endswith("\n"):
        console.note()
    return answer.strip().lower() in {"y", "yes"}
