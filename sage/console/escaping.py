"""Texts of others in a page: what nobody sees in them is named, and none reorders what is around.

A template shows each value with the names of its unseen characters as text, whether it thinks of
that or not. What a form sends back passes through `exact`.
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
    """Return a value to show, a text with `[U+202E]` for each character that nobody sees.

    Markup stays as it is. Of very many such characters the later ones are a replacement character.
    """
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return _pieces(value, str, lambda char: f"[{_code(char)}]")


def visible(text: str) -> Markup:
    """Return a text as HTML, with a mark for each character that nobody sees, which names it."""
    return Markup(_pieces(str(text), lambda piece: str(escape(piece)), _mark))  # noqa: S704 - escaped


def isolated(text: str) -> Markup:
    """Return a name as HTML that does not change the direction of what stands beside it."""
    return Markup("<bdi>{}</bdi>").format(visible(text))


def project(name: str) -> Markup:
    """Return the last part of the name of a project as HTML, with the whole of it as its title."""
    last = name.rstrip("/").rpartition("/")[2]
    if not last or last == name:
        return isolated(name)
    return Markup('<bdi title="{}">{}</bdi>').format(name_unseen(name), visible(last))


def exact(value: object) -> Markup:
    """Return a value as it is, escaped: for a field that sends it back."""
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
