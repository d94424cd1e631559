"""Lay the pages of this repository out for Zensical, once a language, with a configuration of each.

stage.py DIR --made MADE   into DIR; MADE holds what ci/lib/site/reference.py has written
stage.py --stamp           note in each Chinese page which state of its English one it follows
"""

from __future__ import annotations

import argparse
import hashlib
import posixpath
import re
import shutil
import sys
import tomllib
from pathlib import Path
from string import Template
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
HERE = Path(__file__).parent
TEXTS = tomllib.loads((HERE / "pages.toml").read_text())
_NAMED = {
    "README.md": "index.md",
    "docs/adr/README.md": "adr/index.md",
    "ARCHITECTURE.md": "architecture.md",
    "SECURITY.md": "reporting.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changes.md",
}
_FRONT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Sage</title>
<meta http-equiv="refresh" content="0; url=en/">
<a href="en/">English</a> <a href="zh/">简体中文</a></html>
"""
_STAMP = re.compile(r"\A<!-- follows (?P<page>\S+) as of (?P<digest>[0-9a-f]{12}) -->\n")
_GENERATED = re.compile(r"<!-- made by \S+: \w+ -->\n.*?<!-- end -->\n", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)
_LANGUAGES = re.compile(r"^(\*\*English\*\* \| .*|.* \| \*\*简体中文\*\*)\n\n", re.MULTILINE)
_FENCE = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
_MARKUP = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_IMAGE = re.compile(r'(?<=(?:src|set)=")(?P<path>[^":]+)(?=")')
_TARGET = re.compile(r"(?<=\]\()(?P<path>[^)\s#]+)(?P<anchor>#[^)\s]+)?(?=\))")


def sections() -> list[dict[str, Any]]:
    """Return the sections of the navigation: their name in each language, and their pages."""
    return TEXTS["section"]


def pages_of(section: dict[str, Any]) -> list[str]:
    """Return the pages of a section, with those of the sections in it."""
    return [
        one
        for page in section["pages"]
        for one in (pages_of(page) if isinstance(page, dict) else [page])
    ]


def place_of(page: str) -> str:
    """Return where a page stands in the site, in the folder of either language."""
    return _NAMED.get(page) or re.sub(r"^(docs|made)/", "", page)


def translation_of(page: str) -> str:
    """Return the path that the Chinese page of an English one has; it need not exist."""
    return "README.zh-CN.md" if page == "README.md" else f"docs/zh/{page.removeprefix('docs/')}"


def english_pages() -> list[str]:
    """Return the paths of all pages that are written in English."""
    pages = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "docs").rglob("*.md"))]
    return [
        *(name for name in _NAMED if "/" not in name),
        *(page for page in pages if not page.startswith("docs/zh/")),
    ]


def translations() -> dict[str, str]:
    """Return the English page of each Chinese one."""
    found = {translation_of(page): page for page in english_pages()}
    return {chinese: page for chinese, page in found.items() if (ROOT / chinese).is_file()}


def digest_of(text: str) -> str:
    """Return the name of a state of an English page, without what programs write in it."""
    return hashlib.sha256(_COMMENT.sub("", _GENERATED.sub("", text)).encode()).hexdigest()[:12]


def behind() -> list[str]:
    """Return the Chinese pages that follow an older state of their English ones."""
    return [
        chinese
        for chinese, page in translations().items()
        if not (found := _STAMP.match((ROOT / chinese).read_text()))
        or found.groups() != (page, digest_of((ROOT / page).read_text()))
    ]


def stamp() -> None:
    """Note in each Chinese page which state of its English one it follows: this one."""
    for chinese, page in translations().items():
        line = f"<!-- follows {page} as of {digest_of((ROOT / page).read_text())} -->\n"
        text = (ROOT / chinese).read_text()
        (ROOT / chinese).write_text(line + _STAMP.sub("", text))


class Site:
    """The pages of one language: every English one, in its translation where there is one."""

    def __init__(self, language: str, made: Path, source: str) -> None:
        self.language, self.source = language, source
        self.files = {page: ROOT / page for page in english_pages()}
        for file in (*made.glob("*.md"), *made.glob("clients/*.md")):
            self.files[f"made/{file.relative_to(made)}"] = file
        self.translated = translations() if language == "zh" else {}
        self.made_chinese = made / "zh"
        self.places = {page: place_of(page) for page in self.files}
        self.places |= {chinese: place_of(page) for chinese, page in translations().items()}

    def write(self, folder: Path) -> None:
        """Write the pages, and the pictures beside them."""
        late = behind() if self.language == "zh" else []
        chinese_of = {page: chinese for chinese, page in self.translated.items()}
        for page, file in self.files.items():
            chinese = chinese_of.get(page)
            made = self.made_chinese / page.removeprefix("made/")
            if self.language == "zh" and made.is_file():
                put(folder / self.places[page], self.text(page, made.read_text()))
                continue
            text = self.text(chinese or page, (ROOT / chinese if chinese else file).read_text())
            if self.language == "zh" and (not chinese or chinese in late):
                note = TEXTS["behind" if chinese else "untranslated"]
                title, _, rest = text.partition("\n")
                text = f"{title}\n\n{note}\n{rest}"
            put(folder / self.places[page], text)
        for file in (ROOT / "docs").rglob("*"):
            if file.suffix in {".svg", ".png"}:
                copy = folder / file.relative_to(ROOT / "docs")
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, copy)

    def text(self, page: str, text: str) -> str:
        """Return the text of a page as the site shows it, its links leading within the site."""
        parts = _FENCE.split(_LANGUAGES.sub("", _COMMENT.sub("", text), count=1))
        for number in range(0, len(parts), 2):  # the others are code
            for pattern in (_TARGET, _IMAGE):
                parts[number] = pattern.sub(
                    lambda found: self.link(
                        page, found["path"], found.groupdict().get("anchor") or ""
                    ),
                    parts[number],
                )
        return "".join(parts).lstrip()

    def link(self, page: str, target: str, anchor: str) -> str:
        """Return where a link of a page, as it is in the repository, leads on the site."""
        if re.match(r"[a-z]+:", target):
            return target + anchor
        path = posixpath.normpath(posixpath.join(posixpath.dirname(page), target))
        if path not in self.places and not path.endswith((".svg", ".png")):
            return f"{self.source}/{path}{anchor}"
        if page not in self.translated and translation_of(path) in self.translated:
            anchor = ""  # the headings of the translation are others
        folder = posixpath.dirname(self.places[page]) or "."
        return posixpath.relpath(self.places.get(path) or place_of(path), folder) + anchor


def put(file: Path, text: str) -> None:
    """Write a file and the folders it is in."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def navigation(sections: list[Any], language: str) -> str:
    """Return the navigation of a language as the value that Zensical reads."""
    entries = (
        f'{{ "{one[language]}" = {navigation(one["pages"], language)} }}'
        if isinstance(one, dict)
        else f'"{place_of(one)}"'
        for one in sections
    )
    return f"[{', '.join(entries)}]"


def index_for_models(folder: Path) -> str:
    """Return `llms.txt`: the English pages as Markdown, each with what it begins with."""
    lines = ["# Sage\n\n> A memory for AI assistants, on your own machine, over MCP and REST.\n"]
    for section in sections():
        lines.append(f"\n## {section['en']}\n\n")
        for page in pages_of(section):
            title, *rest = (folder / "en" / place_of(page)).read_text().split("\n\n")
            told = [_MARKUP.sub(r"\1", " ".join(one.split())) for one in rest if "```" not in one]
            texts = [one for one in told if re.match(r"[\w`]", one) and one.endswith(".")]
            sentence = re.match(r".*?\.(?= |$)", texts[0])[0] if texts else ""
            lines.append(f"- [{title.lstrip('# ')}](en/{place_of(page)}): {sentence}\n")
    return "".join(lines)


def main() -> None:
    """Lay out the pages of both languages, or stamp the Chinese ones."""
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--made", type=Path)
    parser.add_argument("--stamp", action="store_true")
    options = parser.parse_args()
    if options.stamp:
        stamp()
        return
    owner = tomllib.loads((ROOT / "ci/release.toml").read_text())["owner"]
    version = re.search(r'__version__ = "(.+)"', (ROOT / "sage/__init__.py").read_text())[1]
    template = Template((HERE / "zensical.toml").read_text())
    for language in ("en", "zh"):
        Site(language, options.made, f"https://github.com/{owner}/sage/blob/main").write(
            options.folder / language
        )
        configuration = template.substitute(
            language=language,
            owner=owner,
            description=TEXTS["description"][language],
            version=version,
            releases=TEXTS["releases"][language],
            navigation=navigation(sections(), language),
        )
        put(options.folder / f"{language}.toml", configuration)
    put(options.folder / "site/llms.txt", index_for_models(options.folder))
    put(options.folder / "site/index.html", _FRONT)
    for page in behind():
        sys.stderr.write(f"behind its English page: {page}\n")


if __name__ == "__main__":
    main()
