"""Invisible characters, which control terminals, reorder text, or hide a message.

Joiners and variation selectors of emoji remain where they shape visible characters. Nothing here is
slow to import, because hooks use it.
"""

from __future__ import annotations

import re

_ESCAPE_SEQUENCE = r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
_CONTROL = "\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f"
_DIRECTION = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_NO_WIDTH = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u206a-\u206f\u3164"
    "\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\U00016fe4\U0001bca0-\U0001bca3\U0001d159"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_JOINERS = "\u200c\u200d"
_SELECTORS = "\ufe0e\ufe0f"
_JOINED = f"[^\x00-\x7f\\s{_JOINERS}]"
_PICTURE = "#*0-9\u00a9\u00ae\u2000-\u3300\U0001f000-\U0001faff"
_UNSEEN_CHAR = re.compile(
    f"[{_CONTROL}{_DIRECTION}{_NO_WIDTH}]"
    f"|(?<!{_JOINED})[{_JOINERS}]|[{_JOINERS}](?!{_JOINED})"
    f"|(?<![{_PICTURE}])[{_SELECTORS}]"
)
_UNSEEN = re.compile(f"{_ESCAPE_SEQUENCE}|{_UNSEEN_CHAR.pattern}")
_MAY_BE_UNSEEN = re.compile(f"[{_CONTROL}{_DIRECTION}{_NO_WIDTH}{_JOINERS}{_SELECTORS}]")
"""The first characters of the above: a search for them takes a fraction of the time."""
_WHEREVER = re.compile(f"{_ESCAPE_SEQUENCE}|{_MAY_BE_UNSEEN.pattern}")
_CHAR = re.compile(f"[\x7f-\x9f{_DIRECTION}{_NO_WIDTH}{_JOINERS}\u2028\u2029]")


def without_unseen(text: str) -> str:
    """Remove invisible characters."""
    return _UNSEEN.sub("", text) if _MAY_BE_UNSEEN.search(text) else text


def without_all_unseen(text: str) -> str:
    """Remove invisible characters, and joiners and selectors wherever they are.

    This removes everything that `without_unseen` does, and more.
    """
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text  # faster, as most texts contain none
    return _WHEREVER.sub("", text) if _MAY_BE_UNSEEN.search(text) else text


def places_seen(text: str) -> list[int]:
    """Return the positions of the characters in a text that `without_all_unseen` keeps."""
    places: list[int] = []
    done = 0
    for unseen in _WHEREVER.finditer(text):
        places += range(done, unseen.start())
        done = unseen.end()
    places += range(done, len(text))
    return places


def split_at_unseen(text: str) -> list[tuple[str, bool]]:
    """Split a text into pieces, each with whether it is one invisible character."""
    if not _MAY_BE_UNSEEN.search(text):
        return [(text, False)] if text else []
    pieces: list[tuple[str, bool]] = []
    done = 0
    for unseen in _UNSEEN_CHAR.finditer(text):
        if unseen.start() > done:
            pieces.append((text[done : unseen.start()], False))
        pieces.append((unseen.group(), True))
        done = unseen.end()
    return [*pieces, (text[done:], False)] if done < len(text) else pieces


def escaped_unseen(json_text: str) -> str:
    r"""Escape invisible characters in a JSON text as `\u200b`, without a change of its meaning."""
    return _CHAR.sub(_as_escape, json_text)


def _as_escape(found: re.Match[str]) -> str:
    units = found.group().encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
