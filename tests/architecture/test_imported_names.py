"""Every name that one file of the project imports from another is bound there.

Some tests run only by name (`ci/clients`, `ci/machines`), and no type checker reads tests: nothing
else notices at once that a name they import was renamed.
"""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING

from tests.architecture.sources import Source, parse, sources

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDERS = ("sage", "benchmarks", "tests")


def module_of(path: str) -> str:
    """Return the dotted name of the module at `path`."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@cache
def bound_names() -> dict[str, set[str]]:
    """Return what each module of the project binds, and the modules in each package."""
    read = {module_of(one.path): names_in(one.tree) for name in FOLDERS for one in sources(name)}
    for module in list(read):
        package = ""
        for name in module.split("."):
            read.setdefault(package, set()).add(name)
            package = f"{package}.{name}".lstrip(".")
    return read


def names_in(tree: ast.AST) -> set[str]:
    """Return the names that the statements of a module bind, those of its functions left out."""
    names: set[str] = set()
    waiting = list(ast.iter_child_nodes(tree))
    while waiting:
        node = waiting.pop()
        match node:
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
            ):
                names.add(name)
                continue
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names |= {alias.asname or alias.name.split(".")[0] for alias in aliases}
            case ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
        waiting.extend(ast.iter_child_nodes(node))
    return names


def taken(source: Source, bound: dict[str, set[str]]) -> Iterator[tuple[ast.AST, str, str]]:
    """Yield each use of a module of the project: the node, the module and the name in it."""
    nodes = list(ast.walk(source.tree))
    modules: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in FOLDERS:
            for alias in node.names:
                yield node, node.module, alias.name
                if (module := f"{node.module}.{alias.name}") in bound:
                    modules[alias.asname or alias.name] = module
    rebound = {node.arg for node in nodes if isinstance(node, ast.arg)}
    rebound |= {
        node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    for node in nodes:
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute, ctx=ast.Load()) if (
                name in modules and name not in rebound and not attribute.startswith("__")
            ):
                yield node, modules[name], attribute


def unbound(source: Source, bound: dict[str, set[str]]) -> list[str]:
    """Return what a file takes from modules of the project that do not bind it."""
    return [
        f"{source.line_of(node)} {module}.{name}"
        for node, module, name in taken(source, bound)
        if name not in bound.get(module, ())
    ]


def test_each_imported_name_is_bound_where_it_is_imported_from():
    bound = bound_names()
    files = [source for folder in FOLDERS for source in sources(folder)]
    assert [one for source in files for one in unbound(source, bound)] == []


def test_a_name_that_is_gone_is_found():
    written = """
from benchmarks.prefixes import request_of, gone
from benchmarks import prefixes, gone_too
prefixes.request_of(prefixes.gone)
"""
    found = unbound(parse("x.py", written), bound_names())
    assert [one.split(" ")[1] for one in found] == [
        "benchmarks.prefixes.gone",
        "benchmarks.gone_too",
        "benchmarks.prefixes.gone",
    ]
    assert not unbound(parse("x.py", f"{written}prefixes = gone"), bound_names())[2:]
