"""Every text that a person reads is in the catalogues, with a translation that can be shown."""

import re
from functools import cache

from sage.phrases import FIELD, Phrase
from tests.architecture.sources import ROOT
from tests.architecture.translations import (
    LANGUAGES,
    files_of,
    texts_to_translate,
    translations_in,
)

WRITE = "run `python -m tests.architecture.translations`"
PLACEHOLDER = re.compile(r"%(?:\(\w+\)[sd]|%|s|d)")
COMMAND = re.compile(r"`[^`]*`")


@cache
def _translations(language):
    po = ROOT / f"sage/phrases/{language}/LC_MESSAGES/sage.po"
    return translations_in(po.read_text(encoding="utf-8"))


def test_a_catalogue_has_every_text_no_other_and_is_compiled():
    stale = [
        str(path)
        for language in LANGUAGES
        for path, content in files_of(language)
        if not path.exists() or path.read_bytes() != content
    ]
    assert not stale, f"{stale}: {WRITE}"


def test_every_text_has_a_translation():
    missing = [
        f"{language}: {text.files[0]}: {text.id}"
        for language in LANGUAGES
        for text in texts_to_translate()
        if not _translations(language).get(text.id)
    ]
    assert not missing, "\n".join(missing)


def test_every_translation_is_written_with_the_arguments_of_its_text():
    wrong = []
    for language in LANGUAGES:
        translations = _translations(language)
        for text in texts_to_translate():
            told = translations.get(text.id, "")
            names = {match[1] for match in FIELD.finditer(f"{text.id} {text.plural}")}
            sample = dict.fromkeys(names, 1234567)
            if told and (
                {match[1] for match in FIELD.finditer(told)} != names
                or re.search(r"\{\w", Phrase(told, sample))
                or sorted(PLACEHOLDER.findall(told)) != sorted(PLACEHOLDER.findall(text.id))
                or {*COMMAND.findall(told)} != {*COMMAND.findall(text.id)}
                or told[:1].isspace() != text.id[:1].isspace()
                or told[-1:].isspace() != text.id[-1:].isspace()
            ):
                wrong.append(f"{text.id!r}: {told!r}")
    assert not wrong, "\n".join(wrong)
