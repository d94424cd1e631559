"""Load every query of `queries/*.sql` and prove, at import, that each is well formed.

A file holds any number of queries. Each begins with its name and says in one sentence what it does:

    -- name: count_memories
    -- Count what is not forgotten.
    SELECT count(*) FROM sage.memories WHERE forgotten_at IS NULL;
"""

from __future__ import annotations

import re
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_HEADING = re.compile(r"^-- name: *(.*)$", re.MULTILINE)
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_DESCRIPTION = re.compile(r"(?:-- [^\n]*\n)*-- [^\n]*\.\n")
_COMMENT = re.compile(r"--[^\n]*")
_PARAMETER = re.compile(r"\$(\d+)")


class MalformedQueryError(Exception):
    """A query file breaks a rule: a fault of this program, never of its user."""


def parse_queries(file_name: str, text: str) -> dict[str, str]:
    """Cut the text of a query file into `{name: sql}`; each sql keeps its name as a comment.

    Raises MalformedQueryError when a name repeats, a description is missing, a query is empty or
    its parameters are not $1 to $n without a gap.
    """
    before, *parts = _HEADING.split(text)
    if _COMMENT.sub("", before).strip():
        raise MalformedQueryError(f"{file_name}: SQL before the first name")
    queries: dict[str, str] = {}
    for name, block in zip(parts[::2], parts[1::2], strict=True):
        where = f"{file_name}: {name}"
        if not _NAME.fullmatch(name):
            raise MalformedQueryError(f"{where}: a name is lower case, digits and underscores")
        if name in queries:
            raise MalformedQueryError(f"{where}: the name is taken")
        queries[name] = f"-- {name}\n{_checked_body(where, block.lstrip())}"
    return queries


def query(name: str) -> str:
    """Return the SQL of a query; call it at module level, so that a wrong name fails the import.

    Raises MalformedQueryError when no file holds the name.
    """
    if name not in QUERIES:
        raise MalformedQueryError(f"no query is named {name}; there are {', '.join(QUERIES)}")
    return QUERIES[name]


def _checked_body(where: str, block: str) -> str:
    description = _DESCRIPTION.match(block)
    if description is None:
        raise MalformedQueryError(f"{where}: a sentence on what it does must follow the name")
    body = block[description.end() :].strip().removesuffix(";")
    statement = _COMMENT.sub("", body)
    if not statement.strip() or ";" in statement:
        raise MalformedQueryError(f"{where}: one statement must follow the description")
    numbers = {int(number) for number in _PARAMETER.findall(statement)}
    if numbers != set(range(1, len(numbers) + 1)):
        raise MalformedQueryError(f"{where}: parameters are {sorted(numbers)}, with a gap")
    return body


def merge_queries(files: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Put the queries of `(file name, text)` together. Raises MalformedQueryError."""
    queries: dict[str, str] = {}
    for file_name, text in files:
        found = parse_queries(file_name, text)
        if taken := queries.keys() & found.keys():
            raise MalformedQueryError(f"{file_name}: another file has {', '.join(sorted(taken))}")
        queries |= found
    return MappingProxyType(queries)


QUERIES = merge_queries(
    (entry.name, entry.read_text(encoding="utf-8"))
    for entry in sorted(
        resources.files("sage.store").joinpath("queries").iterdir(), key=lambda entry: entry.name
    )
    if entry.name.endswith(".sql")
)
