"""What depends on whose Sage this is, and on whether it is released: lines of the pages."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from plugins import Files

ROOT = Path(__file__).resolve().parents[3]
_LINES = Path(__file__).with_name("lines.toml")
_BLOCK = re.compile(r"(<!-- made by ci/integrations: (\w+) -->\n).*?(<!-- end -->\n)", re.DOTALL)
_OWNED = re.compile(
    r"(ghcr\.io/|io\.github\.|github\.com/|--repo )[\w-]+(?=/sage\b)|(https://)[\w-]+(?=\.github\.io/sage\b)"
)
_NAMING_THE_OWNER = (
    "docs/backup.md",
    "docs/releasing.md",
    "deploy/helm/sage/README.md",
    "deploy/helm/sage/templates/_checks.tpl",
)


class Release(NamedTuple):
    """An account of GitHub, and whether a release of it is out."""

    owner: str
    released: bool


def release() -> Release:
    """Return what ci/release.toml says."""
    return Release(**tomllib.loads((ROOT / "ci/release.toml").read_text(encoding="utf-8")))


def pages() -> Files:
    """Return the pages, with the lines of lines.toml and the owner where they belong."""
    lines = tomllib.loads(_LINES.read_text(encoding="utf-8"))
    made = {name: _with_lines(name, lines[name]) for name in lines}
    for name in (*made, *_NAMING_THE_OWNER):
        made[name] = _owned(made.get(name) or _text(name))
    return dict(made)


def _with_lines(name: str, blocks: dict[str, dict[str, str]]) -> str:
    owner, released = release()

    def filled(block: re.Match[str]) -> str:
        lines = blocks.pop(block[2])["released" if released else "unreleased"]
        return f"{block[1]}{Template(lines).substitute(owner=owner)}{block[3]}"

    text = _BLOCK.sub(filled, _text(name))
    if blocks:
        raise SystemExit(f"{name} has no place for {', '.join(blocks)} of lines.toml")
    return text


def _owned(text: str) -> str:
    owner = release().owner

    def named(place: re.Match[str]) -> str:  # names of images are in lower case
        is_image = place[1] == "ghcr.io/" and owner != "OWNER"
        return (place[1] or place[2]) + (owner.lower() if is_image else owner)

    return _OWNED.sub(named, text)


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")
