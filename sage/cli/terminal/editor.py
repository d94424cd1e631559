"""Edit a text in the user's editor."""

from __future__ import annotations

import shlex
import subprocess
import tempfile
from pathlib import Path

from sage.config.child_environment import variables_set
from sage.errors import SageError
from sage.phrases import phrase

_USUAL = "vi"


def edited(text: str) -> str:
    """Return a text as edited, without white space at its ends.

    Raises SageError if the editor cannot be started, or fails.
    """
    named = variables_set("VISUAL", "EDITOR")
    editor = named.get("VISUAL") or named.get("EDITOR") or _USUAL
    with tempfile.TemporaryDirectory(prefix="sage-") as folder:  # for its owner alone
        file = Path(folder) / "memory.md"
        file.write_text(f"{text}\n", encoding="utf-8")
        try:
            done = subprocess.run([*shlex.split(editor), str(file)], check=False)  # noqa: S603 - theirs
        except (OSError, ValueError) as error:
            raise _failed(editor) from error
        if done.returncode:
            raise _failed(editor)
        return file.read_text(encoding="utf-8").strip()


def _failed(editor: str) -> SageError:
    return SageError(
        phrase("the editor {editor} failed, and nothing was changed", editor=editor),
        hint="set EDITOR to an editor that is installed, or pass the text",
    )
