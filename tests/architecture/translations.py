"""Catalogues of Sage's texts in other languages, brought up to date and compiled.

`python -m tests.architecture.translations` writes them: each text that a person reads and its
translation stand in `sage.po`, for people; what programs read is compiled of it. New texts are
there with an empty translation, and those that are gone are taken out.
"""

from __future__ import annotations

import ast
import re
import struct
import sys
from typing import TYPE_CHECKING, NamedTuple

from sage.clients.archive import PARTS
from sage.phrases.language import CHINESE, CLIENTS, SERVER
from tests.architecture.catalogue import Entry, entries, texts_of_pages
from tests.architecture.sources import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

FOLDER = ROOT / "sage/phrases"
LANGUAGES = (CHINESE,)
_HEADER = (
    "Content-Type: text/plain; charset=UTF-8\n"
    "Content-Transfer-Encoding: 8bit\n"
    "Language: {language}\n"
    "MIME-Version: 1.0\n"
    "Plural-Forms: {plurals}\n"
)
_PLURALS = {CHINESE: "nplurals=1; plural=0;"}
_ENTRY = re.compile(r'^(?P<name>msgid_plural|msgid|msgstr)(?:\[0\])? (?P<text>".*")$')
_MO_MAGIC = 0x950412DE
_MO_HEAD_BYTES = 28


class Text(NamedTuple):
    """A text to translate, with the files it stands in."""

    id: str
    plural: str
    files: tuple[str, ...]

    @property
    def is_of_clients(self) -> bool:
        """Return whether `sage-client.pyz` can say it."""
        return any(file.startswith(PARTS) for file in self.files)


def texts_to_translate() -> list[Text]:
    """Return each text once, in the order of the files and of the lines in them."""
    known: dict[str, tuple[str, set[str]]] = {}
    for entry in sorted([*entries(), *texts_of_pages()], key=_place):
        plural, files = known.setdefault(entry.id, (entry.plural, set()))
        files.add(entry.line.rpartition(":")[0])
        if entry.plural and not plural:
            known[entry.id] = entry.plural, files
    known.pop("", None)
    return [Text(one, plural, tuple(sorted(files))) for one, (plural, files) in known.items()]


def translations_in(po: str) -> dict[str, str]:
    """Return the translations of a catalogue by the ids of their texts; empty where one lacks."""
    found: dict[str, str] = {}
    now: dict[str, str] = {}
    name = ""
    for line in [*po.splitlines(), ""]:
        if match := _ENTRY.match(line):
            name = match["name"]
            now[name] = ast.literal_eval(match["text"])
        elif line.startswith('"'):
            now[name] += ast.literal_eval(line)
        elif not line:
            found[now.get("msgid", "")] = now.get("msgstr", "")
            now = {}
    found.pop("", None)
    return found


def written(texts: Iterable[Text], translations: dict[str, str], language: str) -> str:
    """Return a catalogue with these texts, in the form that translators' programs read."""
    blocks = [f'msgid ""\nmsgstr {_quoted(_header(language))}\n']
    for text in texts:
        lines = [f"#: {file}" for file in text.files]
        lines.append(f"msgid {_quoted(text.id)}")
        if text.plural:
            lines.append(f"msgid_plural {_quoted(text.plural)}")
        form = "msgstr[0]" if text.plural else "msgstr"
        lines.append(f"{form} {_quoted(translations.get(text.id, ''))}")
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def compiled(texts: Iterable[Text], translations: dict[str, str], language: str) -> bytes:
    """Return those texts that have a translation as `gettext` reads them."""
    pairs = {
        "\0".join(filter(None, (text.id, text.plural))): translations[text.id]
        for text in texts
        if translations.get(text.id)
    }
    pairs[""] = _header(language)
    members = [(one.encode(), pairs[one].encode()) for one in sorted(pairs, key=str.encode)]
    count = len(members)
    at = _MO_HEAD_BYTES + 16 * count
    tables: list[bytes] = []
    blob = b""
    for column in (0, 1):
        for member in members:
            tables.append(struct.pack("<II", len(member[column]), at + len(blob)))
            blob += member[column] + b"\0"
    head = struct.pack(
        "<7I", _MO_MAGIC, 0, count, _MO_HEAD_BYTES, _MO_HEAD_BYTES + 8 * count, 0, at
    )
    return head + b"".join(tables) + blob


def files_of(language: str) -> Iterator[tuple[Path, bytes]]:
    """Yield each file of a language and what is to be in it."""
    folder = FOLDER / language / "LC_MESSAGES"
    source = folder / "sage.po"
    translations = translations_in(source.read_text(encoding="utf-8")) if source.exists() else {}
    texts = texts_to_translate()
    yield source, written(texts, translations, language).encode()
    for name, of_clients in ((CLIENTS, True), (SERVER, False)):
        its_texts = (one for one in texts if one.is_of_clients is of_clients)
        yield folder / f"{name}.mo", compiled(its_texts, translations, language)


def _place(entry: Entry) -> tuple[str, int, str]:
    file, _, line = entry.line.rpartition(":")
    return file, int(line), entry.id


def _header(language: str) -> str:
    return _HEADER.format(language=language, plurals=_PLURALS[language])


def _quoted(text: str) -> str:
    """Return a text as such a catalogue quotes it, with a line for each of its own."""
    lines = [
        '"{}"'.format(
            line.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
        )
        for line in text.splitlines(keepends=True)
    ]
    return "\n".join(['""', *lines] if len(lines) > 1 else lines or ['""'])


if __name__ == "__main__":
    for its_language in LANGUAGES:
        for path, content in files_of(its_language):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            sys.stdout.write(f"{path.relative_to(ROOT)}: {len(content):,} bytes\n")
