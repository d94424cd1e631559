"""Times formatted for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, tzinfo


def local_time_text(when: datetime, timezone: tzinfo) -> str:
    """Return an aware time in a time zone: `2026-11-25 18:08 +08:00`, or `UTC` for the offset 0.

    The offset is included, so that the text is unambiguous wherever it is read.
    """
    local = when.astimezone(timezone)
    return f"{local:%Y-%m-%d %H:%M} {offset_text(local)}"


def timezone_name(timezone: tzinfo) -> str:
    """Return the common name of a time zone: `Asia/Shanghai`, `UTC`."""
    return str(timezone).removeprefix("Etc/")


def offset_text(local: datetime) -> str:
    """Return the offset of an aware time from UTC: `+08:00`, `-03:30`, or `UTC` if it is 0."""
    digits = f"{local:%z}"
    return f"{digits[:3]}:{digits[3:5]}" if local.utcoffset() else "UTC"
