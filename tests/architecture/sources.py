"""The project's Python files, read once."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
ALONE = (
    *("sage/clients", "sage/domain/text", "sage/errors.py", "sage/phrases"),
    *(f"sage/domain/{name}.py" for name in ("answer", "limits")),
    *(f"sage/domain/{name}.py" for name in ("memories", "provenance", "text_length")),
    *(f"sage/domain/{name}.py" for name in ("transfer", "validation")),
)
"""What runs beside an AI client, without the rest of Sage and without libraries."""
INSTALLED = ROOT / "tests/support/installed"
"""Where the package lies without the start script beside it: no `.env` of this checkout counts."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file: its path from the root of the project, its text and its syntax tree."""

    path: str
    text: str
    tree: ast.Module

    def line_of(self, node: ast.AST) -> str:
        """Return the place of a node in the form that editors understand."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"


def parse(path: str, text: str) -> Source:
    """Build a source from text."""
    return Source(path, text, ast.parse(text))


@cache
def sources(folder: str) -> tuple[Source, ...]:
    """Read every Python file under a folder of the project."""
    paths = sorted((ROOT / folder).rglob("*.py"))
    return tuple(parse(str(path.relative_to(ROOT)), path.read_text()) for path in paths)


def imported_modules(source: Source) -> Iterator[tuple[ast.AST, str]]:
    """Yield every module a source imports, with the node that imports it."""
    for node in ast.walk(source.tree):
        match node:
            case ast.Import(names=names):
                yield from ((node, alias.name) for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield node, module
