"""What a person reads, as an id and arguments, from which it can be said in another language.

The id is the English text with the names of its arguments in braces, as gettext has it:
`phrase("port {port} is in use", port=17800)`. A phrase is a `str`, the English text, so that it
goes wherever text goes; text put together from it by `+` or an f-string is plain text again. Plain
text is its own id and has no arguments.

An argument is text, a number, a phrase, or a list of these, which is shown with commas. Whole
sentences are phrases, so that a translation is free in the order of words. A sentence about a
number is one by `numbered`, which has a template for one and another for many, as `ngettext` does;
a number with its noun alone is one by `counted` of `sage.domain.text.wording`.
"""

from __future__ import annotations

import math
import re
from types import MappingProxyType

TYPE_CHECKING = False  # typing is slow to import, and hooks make phrases
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Self, TypeAlias

    Argument: TypeAlias = "str | int | float | list[Argument]"

FIELD = re.compile(r"\{([a-z][a-z0-9_]*)(?::(,?(?:\.\d)?[f%]?))?\}")
"""An argument in a template: its name, and how a number is written. Other braces are text."""

_MAX_DEPTH = 8


class Phrase(str):
    """English text that remembers the template and the arguments it is made of.

    `plural` is the template where the argument `count` is not 1, empty where there is but one.
    """

    __slots__ = ("arguments", "id", "plural")

    id: str
    arguments: Mapping[str, Argument]
    plural: str

    def __new__(cls, template: str, arguments: Mapping[str, Argument], plural: str = "") -> Self:
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

        chosen = _chosen(template, plural, arguments)
        made = super().__new__(cls, FIELD.sub(written, chosen))
        made.id = template
        made.arguments = MappingProxyType(kept)
        made.plural = plural
        return made

    def __getnewargs__(self) -> tuple[str, dict[str, Argument], str]:  # type: ignore[override]
        """Return what a copy is made of."""
        return self.id, dict(self.arguments), self.plural

    def __getstate__(self) -> None:
        """Return nothing: a copy is made anew."""


def phrase(template: str, /, **arguments: object) -> str:
    """Return a Phrase; an argument of another type than `Argument` is taken as its text."""
    return Phrase(template, {name: _argument(value) for name, value in arguments.items()})


def numbered(one: str, many: str, /, *, count: int, **arguments: object) -> str:
    """Return a Phrase about a number: `one` where `count` is 1, `many` for any other.

    Both name it, as `{count:,}`. Languages with more forms choose by the same number.
    """
    named = {name: _argument(value) for name, value in arguments.items()}
    return Phrase(one, {**named, "count": count}, many)


def as_phrase(text: str) -> Phrase:
    """Return a text as a phrase, which it may be already, to be an argument of another."""
    return text if isinstance(text, Phrase) else Phrase(text, {})


def with_arguments(text: str, /, **arguments: object) -> str:
    """Return a text with arguments added to its own, or in their place."""
    known = as_phrase(text)
    added = {name: _argument(value) for name, value in arguments.items()}
    return Phrase(known.id, {**known.arguments, **added}, known.plural)


def joined(separator: str, texts: Iterable[str]) -> Phrase:
    """Return one text after the other, with what stands between them."""
    parts = {f"part{place}": as_phrase(text) for place, text in enumerate(texts)}
    return Phrase(separator.join(f"{{{name}}}" for name in parts), parts)


def with_values(made: Phrase, changed: Callable[[str], str]) -> Phrase:
    """Return a phrase with each text among its arguments changed, also in the phrases there."""

    def value_of(argument: Argument) -> Argument:
        if isinstance(argument, Phrase):
            return with_values(argument, changed)
        if isinstance(argument, list):
            return [value_of(one) for one in argument]
        return changed(argument) if isinstance(argument, str) else argument

    arguments = {name: value_of(argument) for name, argument in made.arguments.items()}
    return Phrase(made.id, arguments, made.plural)


def stretches(text: str) -> Iterator[tuple[str, str]]:
    """Yield a text piece by piece, each with the name of the argument that it is, if it is one."""
    known, place = as_phrase(text), 0
    template = _chosen(known.id, known.plural, known.arguments)
    for match in FIELD.finditer(template):
        if match[1] in known.arguments:
            yield "", template[place : match.start()]
            yield match[1], _written(known.arguments[match[1]], match[2] or "")
            place = match.end()
    yield "", template[place:]


def as_json(made: Phrase, encoded: Callable[[str], str] = str) -> dict[str, object]:
    """Return the id and the arguments, which `from_json` reads; a phrase among them likewise.

    `encoded` is called with each text, and may change it.
    """
    arguments = {name: _as_json(value, encoded) for name, value in made.arguments.items()}
    plural = {"plural": encoded(made.plural)} if made.plural else {}
    return {"id": encoded(made.id), **plural, "arguments": arguments}


def sent_phrases(
    texts: Mapping[str, str], encoded: Callable[[str], str] = str
) -> dict[str, dict[str, object]]:
    """Return how those of the texts that have arguments are made, by their names."""
    return {
        name: as_json(text, encoded)
        for name, text in texts.items()
        if isinstance(text, Phrase) and text.arguments
    }


def from_json(text: str, sent: object) -> str:
    """Return the phrase that was sent beside a text, or the text where there is none.

    What does not make exactly that text is no phrase of it: it comes from another release.
    """
    try:
        made = _argument_from_json(sent, _MAX_DEPTH)
    except ValueError:
        return text
    return made if isinstance(made, Phrase) and made == text else text


def _chosen(one: str, many: str, arguments: Mapping[str, Argument]) -> str:
    return many if many and arguments.get("count") != 1 else one


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
        case {"id": str(template), "arguments": dict(named), **others} if depth_left:
            arguments = {
                str(name): _argument_from_json(value, depth_left - 1)
                for name, value in named.items()
            }
            plural = others.pop("plural", "")
            if others or not isinstance(plural, str):
                raise ValueError("this is no phrase")
            return Phrase(template, arguments, plural)
        case _:
            raise ValueError("this is no argument of a phrase")
