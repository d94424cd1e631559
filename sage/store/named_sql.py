"""Load every query of `queries/*.sql` and prove, at import, that each is well formed.

A file holds any number of queries. Each begins with its name and says in one sentence what it does.
What several queries share is a fragment, which they include by name on a line of its own:

    -- fragment: is_kept
    -- Require that a memory is not forgotten.
    AND forgotten_at IS NULL;

    -- name: count_memories
    -- Count the memories of a space.
    SELECT count(*) FROM sage.memories
    WHERE space_id = $1
      -- include: is_kept
    ;

No other text ever becomes part of a query: values are parameters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import resources
from textwrap import indent
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_HEADING = re.compile(r"^-- (name|fragment): *(.*)$", re.MULTILINE)
_INCLUDE = re.compile(r"^( *)-- include: *(.*)$", re.MULTILINE)
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_DESCRIPTION = re.compile(r"(?:-- [^\n]*\n)*-- [^\n]*\.\n")
_COMMENT = re.compile(r"--[^\n]*")
_PARAMETER = re.compile(r"\$(\d+)")


class MalformedQueryError(Exception):
    """A query file breaks a rule: a fault of this program, never of its user."""


@dataclass(frozen=True, slots=True)
class _Block:
    """A query or a fragment as it stands in its file."""

    kind: str
    name: str
    place: str
    sql: str


def load_queries(files: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Return the queries of `(file name, text)` as `{name: sql}`; each keeps its name as a comment.

    Raises MalformedQueryError when a name repeats, a description is missing, a query is empty, its
    parameters are not $1 to $n without a gap, or a fragment is unknown or never included.
    """
    blocks: dict[str, _Block] = {}
    for file_name, text in files:
        for block in _parse(file_name, text):
            if block.name in blocks:
                raise MalformedQueryError(f"{block.place}: {blocks[block.name].place} has the name")
            blocks[block.name] = block
    fragments = {name: block.sql for name, block in blocks.items() if block.kind == "fragment"}
    unused = set(fragments)
    queries = {}
    for name, block in blocks.items():
        if name not in fragments:
            unused -= {included for _, included in _INCLUDE.findall(block.sql)}
            queries[name] = f"-- {name}\n{_expand(block, fragments)}"
    if unused:
        raise MalformedQueryError(f"{blocks[min(unused)].place}: no query includes the fragment")
    return MappingProxyType(queries)


def query(name: str) -> str:
    """Return the SQL of a query; call it at module level, so that a wrong name fails the import.

    Raises MalformedQueryError when no file holds the name.
    """
    if name not in QUERIES:
        raise MalformedQueryError(f"no query is named {name}; there are {', '.join(QUERIES)}")
    return QUERIES[name]


def _parse(file_name: str, text: str) -> Iterator[_Block]:
    before, *parts = _HEADING.split(text)
    if _COMMENT.sub("", before).strip():
        raise MalformedQueryError(f"{file_name}: SQL before the first name")
    for kind, name, content in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        place, body = f"{file_name}: {name}", content.lstrip()
        if not _NAME.fullmatch(name):
            raise MalformedQueryError(f"{place}: a name is lower case, digits and underscores")
        description = _DESCRIPTION.match(body)
        if description is None:
            raise MalformedQueryError(f"{place}: a sentence on what it does must follow the name")
        sql = body[description.end() :].strip().removesuffix(";").rstrip()
        statement = _COMMENT.sub("", sql)
        if not statement.strip() or ";" in statement:
            raise MalformedQueryError(f"{place}: one statement must follow the description")
        yield _Block(kind, name, place, sql)


def _expand(block: _Block, fragments: Mapping[str, str]) -> str:
    """Expand the fragments, and check the whole."""

    def fragment(line: re.Match[str]) -> str:
        spaces, name = line.groups()
        if name not in fragments:
            raise MalformedQueryError(f"{block.place}: there is no fragment {name}")
        return indent(fragments[name], spaces)

    sql = _INCLUDE.sub(fragment, block.sql)
    if nested := _INCLUDE.search(sql):
        raise MalformedQueryError(f"{block.place}: a fragment includes {nested[2]}")
    numbers = {int(number) for number in _PARAMETER.findall(_COMMENT.sub("", sql))}
    if numbers != set(range(1, len(numbers) + 1)):
        raise MalformedQueryError(f"{block.place}: parameters are {sorted(numbers)}, with a gap")
    return sql


QUERIES = load_queries(
    (entry.name, entry.read_text(encoding="utf-8"))
    for entry in sorted(
        resources.files("sage.store").joinpath("queries").iterdir(), key=lambda entry: entry.name
    )
    if entry.name.endswith(".sql")
)
