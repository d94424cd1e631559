"""Whether a stream supports colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO


def wants_colours(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Return whether to use colours: only on a terminal that is not dumb, without NO_COLOR."""
    return is_screen(stream, environ) and not environ.get("NO_COLOR")


def is_screen(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Return whether a stream is a terminal that can move its cursor."""
    return stream.isatty() and environ.get("TERM", "dumb") not in {"", "dumb"}
