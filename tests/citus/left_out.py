"""Which tests of the store are left out on Citus, and why: left_out.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

LIST = Path(__file__).with_name("left_out.toml")


@cache
def reasons() -> dict[str, str]:
    """Return the reasons by files or by tests, such as `tests/store/test_stats.py::test_empty`."""
    listed = tomllib.loads(LIST.read_text())
    return {place: reason for reason, places in listed.items() for place in places}


def left_out(node_id: str) -> str | None:
    """Return why a test is left out, or None."""
    test = node_id.partition("[")[0]
    return reasons().get(test) or reasons().get(test.partition("::")[0])
