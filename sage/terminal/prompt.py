"""Ask a person before something is done."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sage.terminal.console import Console


def confirm(console: Console, question: str) -> bool:
    """Ask a question and return whether the answer is yes; scripts are not asked: True."""
    if not (sys.stdin and sys.stdin.isatty() and console.err.isatty()):
        return True
    console.note(f"{question}? [y/N] ", end="")
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):
        console.note()
    return answer.strip().lower() in {"y", "yes"}
