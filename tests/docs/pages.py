"""The project's pages: their links, and the commands they tell people to type."""

from __future__ import annotations

import re
import shlex
from itertools import takewhile
from typing import TYPE_CHECKING

from tests.architecture.sources import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
_FENCED = re.compile(r"^```(?P<kind>\w*)\n(?P<body>.*?)^```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`(?P<code>[^`\n]+)`")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?P<target>[^)\s]+)\)")


def name_of(page: Path) -> str:
    """Give the path of a page, from the root of the project."""
    return str(page.relative_to(ROOT))


def shell_blocks(text: str) -> str:
    """Return the shell blocks as they stand, one after the other."""
    return "".join(block["body"] for block in _FENCED.finditer(text) if block["kind"] == "sh")


def shell_lines(text: str) -> list[str]:
    """Return the command lines of the shell blocks, without comments."""
    lines = (
        shlex.join(shlex.split(line, comments=True)) for line in shell_blocks(text).split("\n")
    )
    return [line for line in lines if line]


def inline_code(text: str) -> list[str]:
    """Give the code within sentences."""
    return [code["code"] for code in _INLINE.finditer(_FENCED.sub("", text))]


def commands(text: str) -> Iterator[list[str]]:
    """Give each command of the project a page names, cut into words, up to a redirection."""
    for line in [*shell_lines(text), *inline_code(text)]:
        words = shlex.split(line) if line.count("'") % 2 == 0 and line.count('"') % 2 == 0 else []
        if words and re.fullmatch(r"(\./|ci/|\.venv).*|sage", words[0]) and "=" not in words[0]:
            yield list(takewhile(lambda word: word not in {">", "<"}, words))


def links(text: str) -> list[str]:
    """Give the targets of links."""
    return [link["target"] for link in _LINK.finditer(_FENCED.sub("", text))]


def anchors(text: str) -> set[str]:
    """Give the anchors that headings make, as GitHub writes them."""
    headings = re.findall(r"^#+ (.+)$", _FENCED.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def named_tests(text: str) -> set[tuple[str, str]]:
    """Return the tests a page names, each as its file and its function."""
    return set(re.findall(r"(tests/[\w/]+\.py)::(\w+)", text))


def written_tests(path: Path) -> set[tuple[str, str]]:
    """Return the tests in a file in the same form; none where there is not a regular file."""
    text = path.read_text() if path.exists() else ""
    return {
        (name_of(path), function)
        for function in re.findall(r"^(?:async )?def (test_\w+)", text, re.MULTILINE)
    }
