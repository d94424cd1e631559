"""The name of this program in commands that can be copied."""

from __future__ import annotations

import re
import shlex
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sage.config.paths import own_folder
from sage.phrases.language import said

if TYPE_CHECKING:
    from sage.local.data_dir.instance import Instance

_COMMAND = re.compile(r"`sage(?=[ `])")


def script_path() -> Path:
    """Return the path of the console script that belongs to this Python."""
    return Path(sys.executable).parent / "sage"


@cache
def program() -> str:
    """Return `sage` if the PATH leads to this program, otherwise its path, quoted for a shell."""
    called = sys.argv[0]
    script = called if Path(called).name == "sage" else str(script_path())
    if not Path(script).exists():
        return " ".join((shlex.quote(sys.executable), "-m", "sage"))
    from shutil import which

    found = which("sage")
    return "sage" if found and Path(script).samefile(found) else shlex.quote(script)


def program_anywhere() -> str:
    """Return the name of this program for any directory, quoted for a shell."""
    first, *others = shlex.split(program())
    return shlex.join([str(Path(first).absolute()) if "/" in first else first, *others])


def command(*words: str) -> str:
    """Return a command of this program, with the name it is called by."""
    return " ".join((program(), *words))


def as_called(text: str) -> str:
    """Return a sentence with its commands in backticks, with the name this program is called by."""
    text = said(text)  # before the words change that its translation is known by
    return _COMMAND.sub(lambda _: f"`{program()}", text) if "`sage" in text else text


def stop_command(instance: Instance) -> str:
    """Return the command that stops the Sage of a data directory."""
    stop = command("down") if own_folder() is None else "./start-sage-mcp.sh --stop"
    return f"{stop}{data_dir_option(instance)}"


def data_dir_option(instance: Instance) -> str:
    """Return the option for the data directory, with a leading space, if a command needs it."""
    return f" --data-dir {shlex.quote(str(instance.data_dir))}" if instance.was_named else ""
