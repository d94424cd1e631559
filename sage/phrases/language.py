"""What a person reads, in their language: by a catalogue from an English template to another.

A phrase is said in another language where it is shown, never where it is made, kept, logged or
sent. English needs no catalogue, and nothing is read for it.
"""

from __future__ import annotations

from functools import cache

from sage.phrases import FIELD, Phrase, as_phrase, phrase

TYPE_CHECKING = False  # typing is slow to import, and hooks say phrases
if TYPE_CHECKING:
    from collections.abc import Mapping
    from gettext import NullTranslations

    from sage.phrases import Argument

ENGLISH = "en"
CHINESE = "zh"
LANGUAGES = (ENGLISH, CHINESE)
VARIABLE = "SAGE_LANGUAGE"
LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
"""What the locale of messages is read from; the first that is set counts."""

CLIENTS, SERVER = "clients", "sage"
"""The catalogues: what `sage-client.pyz` can say, and the rest."""

WIDE_COLON = "\uff1a"
"""The colon of Chinese, which holds its own space."""

_BETWEEN = {CHINESE: "、"}
_MARKS = {CHINESE: {", ": "，", "; ": "；"}}  # noqa: RUF001 - Chinese has punctuation of its own
_OF_THE_SYSTEM = frozenset(
    {
        phrase("No such file or directory"),
        phrase("Permission denied"),
        phrase("Is a directory"),
        phrase("Not a directory"),
        phrase("File exists"),
        phrase("File name too long"),
        phrase("No space left on device"),
        phrase("Read-only file system"),
        phrase("Connection refused"),
        phrase("Connection reset by peer"),
        phrase("Network is unreachable"),
        phrase("No route to host"),
        phrase("Name or service not known"),
        phrase("timed out"),
    }
)
"""Values that are said, too: why the system refused something, in its own words."""
_spoken = [ENGLISH]


def wished(environ: Mapping[str, str]) -> str:
    """Return the language that the environment of a process asks for, by its setting or locale."""
    setting = environ.get(VARIABLE, "").strip().lower()
    if setting in LANGUAGES:
        return setting
    locale = next(filter(None, map(environ.get, LOCALE_VARIABLES)), "")
    return CHINESE if locale.lower().startswith(CHINESE) else ENGLISH


def preferred(accept_language: str) -> str:
    """Return the language that a browser prefers, by its header."""
    for entry in accept_language.lower().split(","):
        language = entry.split(";")[0].strip().split("-")[0]
        if language in LANGUAGES:
            return language
    return ENGLISH


def speak(language: str) -> None:
    """Set the language of this process, for `said`."""
    _spoken[0] = language


def gap(language: str = "") -> str:
    """Return what stands between sentences or before a bracket; marks of Chinese hold a space."""
    return "" if (language or _spoken[0]) == CHINESE else " "


def said(text: str, language: str = "") -> str:
    """Return a text in a language, by default that of this process, to be shown.

    Its arguments that are phrases are said in it, too; others are values and stay as they are. What
    has no translation stays English.
    """
    language = language or _spoken[0]
    return text if language == ENGLISH else _said(as_phrase(text), language)


def said_phrase(text: str, language: str = "") -> str:
    """Return what `said` does for a phrase; other text is a value, and stays as it is."""
    return said(text, language) if isinstance(text, Phrase) else text


def _said(known: Phrase, language: str) -> Phrase:
    arguments = {name: _argument(value, language) for name, value in known.arguments.items()}
    if known.plural:
        arguments.setdefault("count", 1)  # "one more" names no number
    count = arguments.get("count")
    template = _template(known.id, known.plural, count if isinstance(count, int) else 0, language)
    return Phrase(template, arguments)


def _argument(value: Argument, language: str) -> Argument:
    if isinstance(value, list):
        between = _BETWEEN.get(language, ", ")
        return between.join(str(_argument(one, language)) for one in value)
    if isinstance(value, Phrase):
        return _said(value, language)
    return said(value, language) if value in _OF_THE_SYSTEM else value


def _template(one: str, many: str, count: int, language: str) -> str:
    """Return the translation of a template; without one the English that fits the number."""
    english = many if many and count != 1 else one
    if not english:  # what a catalogue has for an empty text is its own head
        return english
    for name in (CLIENTS, SERVER):
        texts = _catalogue(language, name)
        found = texts.ngettext(one, many, count) if many else texts.gettext(one)
        if found != english:
            return found
    if any(map(str.isalnum, FIELD.sub("", english))):
        return english
    for mark, own in _MARKS.get(language, {}).items():  # texts that are joined by it
        english = english.replace(mark, own)
    return english


@cache
def _catalogue(language: str, name: str) -> NullTranslations:
    """Read a compiled catalogue, which the client of one file has but one of."""
    import gettext  # noqa: PLC0415 - English needs none of it
    import io  # noqa: PLC0415

    folder = __file__.rpartition("language.py")[0]
    path = f"{folder}{language}/LC_MESSAGES/{name}.mo"
    try:
        compiled = __spec__.loader.get_data(path)  # type: ignore[union-attr] # every loader has it
    except OSError:
        return gettext.NullTranslations()
    return gettext.GNUTranslations(io.BytesIO(compiled))
