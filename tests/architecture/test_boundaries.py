"""SQL is in .sql files, sage/config alone reads the environment, clients stand alone."""

from __future__ import annotations

import ast
import re
import sys
from typing import TYPE_CHECKING

from tests.architecture.sources import ALONE, Source, imported_modules, parse, sources

if TYPE_CHECKING:
    from collections.abc import Iterator

SQL = re.compile(
    r"\s*(select\b.+|with\b.+\bas\s*\(.*|insert\s+into\b.*|update\s+\S+\s+set\b.*|delete\s+from\b.*"
    r"|(create|alter|drop)\s+(table|index|unique|extension|database|role|schema|function|type)\b.*"
    r"|truncate\s.*|set\s+(local|session)\b.*|(un)?listen\s+\S+|notify\s+\S+|begin|commit|rollback)"
    r"\s*;?\s*",
    re.IGNORECASE | re.DOTALL,
)
SQL_EXCEPTIONS = {
    # the form of what pg_restore writes, which is read and never sent
    "sage/operations/backup/dumped_rows.py",
    # postgres --single creates the database before there is a server to query
    "sage/local/postgres/cluster.py",
    # databases of other programs, in SQLite
    "sage/clients/reading/sqlite_files.py",
    # statements that go to the server as one message, which takes no parameters
    "sage/store/connections/row_security.py",
}
ENVIRONMENT_EXCEPTIONS = {
    # before anything imports numpy, which reads it once
    "sage/__init__.py",
    # whether hooks are turned off, before anything is imported
    "sage/clients/__main__.py",
    # where AI clients keep their files: no settings of Sage
    "sage/clients/homes.py",
    # settings of hooks, each of which starts a process that loads no configuration
    "sage/clients/hooks/settings.py",
}


def sql_texts(source: Source) -> Iterator[str]:
    """Yield the place of each string that is a SQL statement, except docstrings."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(source.tree):
        match node:
            case ast.Constant(value=str(text)) if id(node) not in docstrings and is_sql(text):
                yield source.line_of(node)


def is_sql(text: str) -> bool:
    """Return whether a string is a SQL statement and not a sentence that begins like one."""
    return bool(SQL.fullmatch(text)) and (text.split(maxsplit=1)[0].isupper() or "$1" in text)


def environment_reads(source: Source) -> Iterator[str]:
    """Yield each place that reads or changes the process environment."""
    for node in ast.walk(source.tree):
        match node:
            case ast.Attribute(
                value=ast.Name(id="os"), attr="environ" | "environb" | "getenv" | "putenv"
            ):
                yield source.line_of(node)
            case ast.ImportFrom(module="os", names=names) if {"environ", "getenv"} & {
                alias.name for alias in names
            }:
                yield source.line_of(node)


def test_python_contains_no_sql():
    assert not [
        place
        for source in sources("sage")
        if source.path not in SQL_EXCEPTIONS
        for place in sql_texts(source)
    ]


def test_only_the_configuration_reads_the_environment():
    assert not [
        place
        for source in sources("sage")
        if not source.path.startswith("sage/config/") and source.path not in ENVIRONMENT_EXCEPTIONS
        for place in environment_reads(source)
    ]


def test_what_stands_alone_imports_python_and_itself_also_within_functions():
    itself = tuple(part.removesuffix(".py").replace("/", ".") for part in ALONE)
    assert not [
        f"{source.line_of(node)} {module}"
        for source in sources("sage")
        if source.path.startswith(ALONE)
        for node, module in imported_modules(source)
        if module.partition(".")[0] not in sys.stdlib_module_names
        and not module.startswith(itself)
        and module not in {"sage", "sage.domain"}  # its version; `lint-imports` knows of what
    ]


def test_every_exception_is_still_needed():
    by_path = {source.path: source for source in sources("sage")}
    assert all(any(sql_texts(by_path[path])) for path in SQL_EXCEPTIONS)
    assert all(any(environment_reads(by_path[path])) for path in ENVIRONMENT_EXCEPTIONS)


def test_a_statement_in_python_is_found():
    text = 'query = "SELECT 1"\nhint = "Select a model"\nother = f"DELETE FROM {query} WHERE 1"\n'
    assert list(sql_texts(parse("leak.py", text))) == ["leak.py:1", "leak.py:3"]


def test_a_read_of_the_environment_is_found():
    text = "import os\nfrom os import getenv\nhome = os.environ['HOME']\n"
    assert sorted(environment_reads(parse("leak.py", text))) == ["leak.py:2", "leak.py:3"]
