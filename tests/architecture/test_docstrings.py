"""Every public name says what it is."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from tests.architecture.sources import Source, parse, sources

if TYPE_CHECKING:
    from collections.abc import Iterator

Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def silent_names(source: Source) -> Iterator[str]:
    """Give each public module, class, function and method without a docstring."""
    if ast.get_docstring(source.tree) is None and source.tree.body:
        yield source.path
    yield from _silent_in(source, source.tree)


def _silent_in(source: Source, scope: ast.Module | ast.ClassDef) -> Iterator[str]:
    for node in scope.body:
        if not isinstance(node, Documented) or node.name.startswith("_"):
            continue
        if ast.get_docstring(node) is None:
            yield f"{source.line_of(node)} {node.name}"
        if isinstance(node, ast.ClassDef):
            yield from _silent_in(source, node)


def test_every_public_name_has_a_docstring():
    assert not [name for source in sources("sage") for name in silent_names(source)]


def test_a_method_without_a_docstring_is_seen():
    text = '"""Doc."""\nclass Kept:\n    """Doc."""\n    def silent(self): ...\n'
    assert list(silent_names(parse("kept.py", text))) == ["kept.py:4 silent"]
