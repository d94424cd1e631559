"""Values and texts of others, formatted for people on a terminal."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from sage.domain.text.unseen import without_unseen
from sage.phrases import Phrase, numbered, phrase, with_values

if TYPE_CHECKING:
    from collections.abc import Mapping

_STEP = 1024
_DAY_S, _HOUR_S, _MINUTE_S = 86_400, 3_600, 60


def printable(text: str, *, keep: str = "\n\t") -> str:
    """Replace control characters except `keep`, so that saved text cannot control a terminal.

    Other invisible characters are removed: they would hide text, or reorder it.
    """
    shown = "".join(
        char if char in keep or unicodedata.category(char) not in {"Cc", "Cs"} else "\ufffd"
        for char in text
    )
    return without_unseen(shown)


def one_line(text: str) -> str:
    """Fold every run of white space into one space and make the rest printable.

    A phrase remains a phrase, with its values changed like this.
    """
    folded = printable(" ".join(text.split()), keep="")
    if isinstance(text, Phrase):
        made = with_values(text, one_line)
        return made if made == folded else folded
    return folded


def clipped(text: str, max_chars: int) -> str:
    """Cut text to a number of characters; an ellipsis marks the cut."""
    return text if len(text) <= max_chars else f"{text[: max_chars - 1].rstrip()}…"


def counted(number: int, one: str, many: str) -> str:
    """Return a number with its noun, as a phrase with the argument `count`."""
    return numbered(f"{{count:,}} {one}", f"{{count:,}} {many}", count=number)


def counted_up_to(most: int, number: int, one: str, many: str) -> str:
    """Return a number with its noun, and "or more" where counting stopped at `most`."""
    count = counted(number, one, many)
    return phrase("at least {count}", count=count) if number >= most else count


def kinds_text(kinds: Mapping[str, int]) -> str:
    """Return the number of each kind as text, the most frequent first."""
    listed = sorted(kinds.items(), key=lambda one: (-one[1], one[0]))
    return ", ".join(f"{number:,} {kind}" for kind, number in listed)


def size_text(size_bytes: float) -> str:
    """Return a size in bytes as text with a unit."""
    for unit in ("bytes", "KiB", "MiB"):
        if size_bytes < _STEP:
            if unit == "bytes":
                return phrase("{size} bytes", size=f"{size_bytes:.0f}")
            return f"{size_bytes:.1f} {unit}"
        size_bytes /= _STEP
    return f"{size_bytes:.1f} GiB"


def duration_text(duration_s: float) -> str:
    """Return a duration in seconds as text with units."""
    minutes, seconds = divmod(round(duration_s), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return phrase("{hours} h {minutes} min", hours=hours, minutes=minutes)
    if minutes:
        return phrase("{minutes} min {seconds} s", minutes=minutes, seconds=seconds)
    return phrase("{seconds} s", seconds=seconds)


def age_text(age_s: float) -> str:
    """Return an age in seconds as text, in the largest unit that fits."""
    if age_s >= _DAY_S:
        return counted(int(age_s // _DAY_S), "day ago", "days ago")
    if age_s >= _HOUR_S:
        return counted(int(age_s // _HOUR_S), "hour ago", "hours ago")
    if age_s >= _MINUTE_S:
        return counted(int(age_s // _MINUTE_S), "minute ago", "minutes ago")
    return phrase("just now")
