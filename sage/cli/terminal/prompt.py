"""Ask a person for confirmation."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sage.phrases import as_phrase, phrase

if TYPE_CHECKING:
    from sage.cli.terminal.console import Console


def can_ask(console: Console) -> bool:
    """Return whether a person sees a question and can answer it."""
    return bool(sys.stdin and sys.stdin.isatty() and console.err.isatty())


def confirm(console: Console, question: str, *, usual: bool = False) -> bool:
    """Ask a question and return whether the answer is yes; scripts are not asked: True.

    `usual` is the meaning of an empty line.
    """
    if not can_ask(console):
        return True
    asked = phrase(
        "{question}? [Y/n] " if usual else "{question}? [y/N] ", question=as_phrase(question)
    )
    console.note(asked, end="")
    try:
        answer = sys.stdin.readline()
    except KeyboardInterrupt:
        console.note()
        raise
    if not answer.endswith("\n"):
        console.note()
    if usual and answer == "\n":
        return True
    return answer.strip().lower() in {"y", "yes"}
