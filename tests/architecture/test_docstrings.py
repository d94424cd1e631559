"""Every public name has a docstring, in the common terms of the field."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from sage import errors
from tests.architecture.sources import Source, parse, sources

if TYPE_CHECKING:
    from collections.abc import Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef
Documented = Function | ast.ClassDef

DIALECT = re.compile(
    r"(Be|Believe|Bring|Give|Hand|Have|Hear|Hold|Know|Leave|Lend|Let|Look|Put|Say|Speak|Stay|Take"
    r"|Teach|Tell|Want)\b"
)
"""Verbs to replace by Return, Yield, Raise, Report, Allow and other common ones."""


def undocumented_names(source: Source) -> Iterator[str]:
    """Yield each public module, class, function and method without a docstring."""
    if ast.get_docstring(source.tree) is None and source.tree.body:
        yield source.path
    yield from _undocumented_in(source, source.tree)


def _undocumented_in(source: Source, scope: ast.Module | ast.ClassDef) -> Iterator[str]:
    for node in scope.body:
        if not isinstance(node, Documented) or node.name.startswith("_"):
            continue
        if ast.get_docstring(node) is None:
            yield f"{source.line_of(node)} {node.name}"
        if isinstance(node, ast.ClassDef):
            yield from _undocumented_in(source, node)


def dialect_docstrings(source: Source) -> Iterator[str]:
    """Yield each public function whose docstring begins with a verb of DIALECT."""
    for node in ast.walk(source.tree):
        if not isinstance(node, Function) or node.name.startswith("_") or _is_property(node):
            continue
        if verb := DIALECT.match(ast.get_docstring(node) or ""):
            yield f"{source.line_of(node)} {node.name}: {verb.group()}"


def _is_property(node: Function) -> bool:
    return any("property" in ast.unparse(decorator) for decorator in node.decorator_list)


def test_every_public_name_has_a_docstring():
    silent = [n for f in ("sage", "benchmarks") for s in sources(f) for n in undocumented_names(s)]
    assert silent == []


def test_a_method_without_a_docstring_is_found():
    text = '"""Doc."""\nclass Cache:\n    """Doc."""\n    def put(self): ...\n'
    assert list(undocumented_names(parse("cache.py", text))) == ["cache.py:4 put"]


def test_docstrings_begin_with_common_verbs():
    assert not [
        d for f in ("sage", "benchmarks") for s in sources(f) for d in dialect_docstrings(s)
    ]


def test_a_docstring_in_dialect_is_found():
    text = 'def size():\n    """Tell the size."""\n@property\ndef name():\n    """Give it."""\n'
    assert list(dialect_docstrings(parse("cache.py", text))) == ["cache.py:1 size: Tell"]


def test_the_tree_of_errors_lists_every_error_below_its_base():
    assert errors.__doc__ is not None
    listed: dict[str, str] = {}
    above: list[str] = []
    for line in errors.__doc__.splitlines():
        if found := re.match(r"([│├└─ ]*)([A-Z]\w+Error)\b", line):
            depth = len(found[1]) // 4
            above[depth:] = [found[2]]
            listed[found[2]] = above[depth - 1] if depth else ""
    defined = {
        name: one.__base__.__name__ if one is not errors.SageError else ""
        for name, one in vars(errors).items()
        if isinstance(one, type) and issubclass(one, errors.SageError)
    }
    assert listed == defined
