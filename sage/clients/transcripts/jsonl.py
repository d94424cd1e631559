"""Values of lines, each of which is JSON by itself."""

from __future__ import annotations

import json


def parse_line(line: bytes) -> object:
    """Return the value of a line, None for one that is not JSON.

    Bytes that are not UTF-8 are replaced: the rest of a message is still useful.
    """
    try:
        try:
            return json.loads(line)
        except UnicodeDecodeError:
            return json.loads(line.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return None
