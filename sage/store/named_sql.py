"""Load every query of `queries/*.sql` and check, at import, that each is well formed.

A file holds any number of queries. Each begins with its name and a description of one sentence.
Text that several queries share is a fragment, which they include by name on a line of its own. In a
fragment `$n` stands for the parameter or column after its name in that line:

    -- fragment: is_kept
    -- Require that a memory is not forgotten, and of session $n.
    AND forgotten_at IS NULL AND session_id = $n;

    -- name: count_memories
    -- Count the memories of a space.
    SELECT count(*) FROM sage.memories
    WHERE space_id = $1
      -- include: is_kept $2
    ;

No other text ever becomes part of a query: values are parameters.

In a distributed database (`sage.store.citus`) some queries are sent in another form, which follows
a heading `-- distributed: lease_due`, has the same parameters, and returns the same rows.
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

_HEADING = re.compile(r"^-- (name|distributed|fragment): *(.*)$", re.MULTILINE)
_INCLUDE = re.compile(r"^( *)-- include: *([^ \n]*)(?: +(\$?[\w.]+))?$", re.MULTILINE)
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_DESCRIPTION = re.compile(r"(?:-- [^\n]*\n)*-- [^\n]*\.\n")
_COMMENT = re.compile(r"--[^\n]*")
_PARAMETER = re.compile(r"\$(\d+)")
_GIVEN = re.compile(r"\$n\b")


class MalformedQueryError(Exception):
    """A query file breaks a rule: a bug in this program, never a mistake of its user."""


@dataclass(frozen=True, slots=True)
class _Block:
    """A query or a fragment in its file."""

    kind: str
    name: str
    place: str
    sql: str

    @property
    def key(self) -> tuple[str, str]:
        """Its unique key: the forms for distributed databases have the names of queries."""
        return self.kind if self.kind == "distributed" else "", self.name


def load_queries(files: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Return the queries of `(file name, text)` as `{name: sql}`; each has its name as a comment.

    Raises MalformedQueryError when a name repeats, a description is missing, a query is empty, its
    parameters are not $1 to $n without a gap, or a fragment is unknown, never included or included
    by itself.
    """
    return _load(files)[0]


def load_distributed(files: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Return the queries with another form for distributed databases, as `{sql: other sql}`.

    Raises MalformedQueryError as `load_queries` does, and for the form of no query or with other
    parameters.
    """
    return _load(files)[1]


def _load(files: Iterable[tuple[str, str]]) -> tuple[Mapping[str, str], Mapping[str, str]]:
    blocks: dict[tuple[str, str], _Block] = {}
    for file_name, text in files:
        for block in _parse(file_name, text):
            if earlier := blocks.get(block.key):
                raise MalformedQueryError(f"{block.place}: {earlier.place} has the name")
            blocks[block.key] = block
    fragments = {block.name: block.sql for block in blocks.values() if block.kind == "fragment"}
    unused = set(fragments)
    expanded: dict[tuple[str, str], str] = {}
    for key, block in blocks.items():
        if block.kind != "fragment":
            sql, included = _expand(block, fragments)
            expanded[key] = f"-- {block.name}\n{sql}"
            unused -= included
    if unused:
        place = blocks["", min(unused)].place
        raise MalformedQueryError(f"{place}: no query includes the fragment")
    queries = {name: sql for (kind, name), sql in expanded.items() if not kind}
    distributed = {}
    for (kind, name), sql in expanded.items():
        if kind:
            if name not in queries or _parameters(sql) != _parameters(queries[name]):
                place = blocks[kind, name].place
                raise MalformedQueryError(f"{place}: no query of that name has its parameters")
            distributed[queries[name]] = sql
    return MappingProxyType(queries), MappingProxyType(distributed)


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


def _expand(block: _Block, fragments: Mapping[str, str]) -> tuple[str, set[str]]:
    """Expand the fragments and check the result; return it with the names of its fragments."""
    included: set[str] = set()

    def expanded(sql: str, within: tuple[str, ...]) -> str:
        def fragment(line: re.Match[str]) -> str:
            spaces, name, given = line.groups()
            if name not in fragments:
                raise MalformedQueryError(f"{block.place}: there is no fragment {name}")
            if name in within:
                raise MalformedQueryError(f"{block.place}: the fragment {name} includes itself")
            included.add(name)
            takes = _GIVEN.search(fragments[name]) is not None
            if takes != (given is not None):
                raise MalformedQueryError(
                    f"{block.place}: the fragment {name} takes {'a' if takes else 'no'} parameter"
                )
            text = _GIVEN.sub(lambda _: given, fragments[name]) if takes else fragments[name]
            return indent(expanded(text, (*within, name)), spaces)

        return _INCLUDE.sub(fragment, sql)

    sql = expanded(block.sql, ())
    numbers = _parameters(sql)
    if numbers != set(range(1, len(numbers) + 1)):
        raise MalformedQueryError(f"{block.place}: parameters are {sorted(numbers)}, with a gap")
    return sql, included


def _parameters(sql: str) -> set[int]:
    return {int(number) for number in _PARAMETER.findall(_COMMENT.sub("", sql))}


QUERIES, DISTRIBUTED = _load(
    (entry.name, entry.read_text(encoding="utf-8"))
    for entry in sorted(
        resources.files("sage.store").joinpath("queries").iterdir(), key=lambda entry: entry.name
    )
    if entry.name.endswith(".sql")
)
