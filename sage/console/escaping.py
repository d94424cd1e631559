"""Untrusted texts in a page: invisible characters are named, and none reorders text around it.

A template names the invisible characters of every value, without having to ask for it. Values that
a form sends back pass through `exact`.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from sage.domain.text.unseen import split_at_unseen

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_NAMED = 500
_AFTER_THAT = "\ufffd"


def name_unseen(value: object) -> object:
    """Return a value for display, a text with `[U+202E]` for each invisible character.

    Markup is unchanged. Of very many such characters, the later ones become a replacement
    character.
    """
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return _pieces(value, str, lambda char: f"[{_code(char)}]")


def visible(text: str) -> Markup:
    """Return a text as HTML, with a mark that names each invisible character."""
    return Markup(_pieces(str(text), lambda piece: str(escape(piece)), _mark))  # noqa: S704 - escaped


def isolated(text: str) -> Markup:
    """Return a name as HTML that does not change the direction of adjacent text."""
    return Markup("<bdi>{}</bdi>").format(visible(text))


def project(name: str) -> Markup:
    """Return the last part of a project's name as HTML, with the whole name as its title."""
    last = name.rstrip("/").rpartition("/")[2]
    if not last or last == name:
        return isolated(name)
    return Markup('<bdi title="{}">{}</bdi>').format(name_unseen(name), visible(last))


def exact(value: object) -> Markup:
    """Return a value unchanged but escaped: for a field that sends it back."""
    return escape(value)


def _pieces(text: str, shown: Callable[[str], str], marked: Callable[[str], str]) -> str:
    pieces: list[str] = []
    left = _MAX_NAMED
    for piece, is_unseen in split_at_unseen(text):
        if not is_unseen:
            pieces.append(shown(piece))
            continue
        pieces.append(marked(piece) if left > 0 else _AFTER_THAT)
        left -= 1
    return "".join(pieces)


def _mark(char: str) -> str:
    name = unicodedata.name(char, "").lower()
    title = f' title="{name}"' if name else ""
    return f'<span class="unseen"{title}>{_code(char)}</span>'


def _code(char: str) -> str:
    return f"U+{ord(char):04X}"
