"""What a person reads, as an id and arguments, from which it can be said in another language.

The id is the English text with the names of its arguments in braces, as gettext has it:
`phrase("port {port} is in use", port=17800)`. A phrase is a `str`, the English text, so that it
goes wherever text goes; text put together from it by `+` or an f-string is plain text again. Plain
text is its own id and has no arguments.

An argument is text, a number, a phrase, or a list of these, which is shown with commas. Whole
sentences are phrases, so that a translation is free in the order of words; a number with its noun
is one by `counted` of `sage.domain.text.wording`.
"""

from __future__ import annotations

import math
import re
from types import MappingProxyType

TYPE_CHECKING = False  # typing is slow to import, and hooks make phrases
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Self, TypeAlias

    Argument: TypeAlias = "str | int | float | list[Argument]"

FIELD = re.compile(r"\{([a-z][a-z0-9_]*)(?::(,?(?:\.\d)?[f%]?))?\}")
"""An argument in a template: its name, and how a number is written. Other braces are text."""

_MAX_DEPTH = 8


class Phrase(str):
    """English text that remembers the template and the arguments it is made of."""

    __slots__ = ("arguments", "id")

    id: str
    arguments: Mapping[str, Argument]

    def __new__(cls, template: str, arguments: Mapping[str, Argument]) -> Self:
        """Write the text: a value is put in as it is, never read as a template itself.

        An argument that the template does not name is not kept.
        """
        kept = {}

        def written(match: re.Match[str]) -> str:
            name, form = match[1], match[2]
            if name not in arguments:
                return match[0]
            kept[name] = arguments[name]
            return _written(arguments[name], form or "")

        made = super().__new__(cls, FIELD.sub(written, template))
        made.id = template
        made.arguments = MappingProxyType(kept)
        return made

    def __getnewargs__(self) -> tuple[str, dict[str, Argument]]:  # type: ignore[override]
        """Return what a copy is made of."""
        return self.id, dict(self.arguments)

    def __getstate__(self) -> None:
        """Return nothing: a copy is made anew."""


def phrase(template: str, /, **arguments: object) -> str:
    """Return a Phrase; an argument of another type than `Argument` is taken as its text."""
    return Phrase(template, {name: _argument(value) for name, value in arguments.items()})


def as_phrase(text: str) -> Phrase:
    """Return a text as a phrase, which it may be already, to be an argument of another."""
    return text if isinstance(text, Phrase) else Phrase(text, {})


def with_arguments(text: str, /, **arguments: object) -> str:
    """Return a text with arguments added to its own, or in their place."""
    known = as_phrase(text)
    return phrase(known.id, **{**known.arguments, **arguments})


def joined(separator: str, texts: Iterable[str]) -> Phrase:
    """Return one text after the other, with what stands between them."""
    parts = {f"part{place}": as_phrase(text) for place, text in enumerate(texts)}
    return Phrase(separator.join(f"{{{name}}}" for name in parts), parts)


def as_json(made: Phrase, encoded: Callable[[str], str] = str) -> dict[str, object]:
    """Return the id and the arguments, which `from_json` reads; a phrase among them likewise.

    `encoded` is called with each text, and may change it.
    """
    arguments = {name: _as_json(value, encoded) for name, value in made.arguments.items()}
    return {"id": encoded(made.id), "arguments": arguments}


def from_json(text: str, sent: object) -> str:
    """Return the phrase that was sent beside a text, or the text where there is none.

    What does not make exactly that text is no phrase of it: it comes from another release.
    """
    try:
        made = _argument_from_json(sent, _MAX_DEPTH)
    except ValueError:
        return text
    return made if isinstance(made, Phrase) and made == text else text


def _written(value: Argument, form: str) -> str:
    if isinstance(value, list):
        return ", ".join(_written(one, form) for one in value)
    return str(value) if isinstance(value, str) or not form else format(value, form)


def _argument(value: object) -> Argument:
    if isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, list | tuple):
        return [_argument(one) for one in value]
    return str(value)


def _as_json(value: Argument, encoded: Callable[[str], str]) -> object:
    if isinstance(value, Phrase):
        return as_json(value, encoded)
    if isinstance(value, list):
        return [_as_json(one, encoded) for one in value]
    return encoded(value) if isinstance(value, str) else value


def _argument_from_json(sent: object, depth_left: int) -> Argument:
    match sent:
        case str() | int() | float():
            return sent
        case list() if depth_left:
            return [_argument_from_json(one, depth_left - 1) for one in sent]
        case {"id": str(template), "arguments": dict(named), **others} if depth_left and not others:
            arguments = {
                str(name): _argument_from_json(value, depth_left - 1)
                for name, value in named.items()
            }
            return Phrase(template, arguments)
        case _:
            raise ValueError("this is no argument of a phrase")
