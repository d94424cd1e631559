"""What distributed databases have in another form, by digests of both: `repeated.toml`.

`python -m tests.store.repeated` writes the file, once both forms do the same again.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

from sage.store.citus.bringing_in import functions
from sage.store.migrate import known_migrations
from sage.store.named_sql import DISTRIBUTED, QUERIES

FILE = Path(__file__).with_name("repeated.toml")
_FUNCTION = re.compile(
    r"CREATE (?:OR REPLACE )?FUNCTION sage\.(\w+)\(.*?(?=^CREATE |\Z)", re.MULTILINE | re.DOTALL
)
_CALLED = re.compile(r"sage\.(\w+)\(")
_COMMENT = re.compile(r"^\s*--.*$", re.MULTILINE)


def forms() -> dict[str, tuple[str, str]]:
    """Return by the names of queries and functions the plain form and the distributed one."""
    migrated = "\n".join(one.sql for one in known_migrations())
    plain, distributed = _functions(migrated), _functions(functions())
    found = {
        f"sage.{name}": (plain[name], distributed[name]) for name in plain.keys() & distributed
    }
    for name, sql in QUERIES.items():
        if form := DISTRIBUTED.get(sql):
            called = sorted(_reached(form, distributed))
            found[name] = (_bare(sql), "\n".join([_bare(form), *(distributed[f] for f in called)]))
    return found


def digests() -> dict[str, list[str]]:
    """Return by the same names the digest of each form."""
    return {name: [_digest(one) for one in pair] for name, pair in sorted(forms().items())}


def written() -> dict[str, list[str]]:
    """Return the digests that the file has."""
    return tomllib.loads(FILE.read_text())


def _functions(sql: str) -> dict[str, str]:
    """Return the bodies of functions by their names, of each the last."""
    return {one[1]: _bare(one[0]) for one in _FUNCTION.finditer(sql)}


def _reached(text: str, among: dict[str, str]) -> set[str]:
    reached: set[str] = set()
    left = {name for name in _CALLED.findall(text) if name in among}
    while left:
        reached |= left
        left = {one for name in left for one in _CALLED.findall(among[name]) if one in among}
        left -= reached
    return reached


def _bare(sql: str) -> str:
    """Return SQL without comments, each run of whitespace one space."""
    return " ".join(_COMMENT.sub("", sql).split())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


if __name__ == "__main__":
    FILE.write_text(
        "# Written by `python -m tests.store.repeated`: the digest of the plain form,\n"
        "# then of the form of distributed databases.\n"
        + "".join(f'"{name}" = ["{one}", "{other}"]\n' for name, (one, other) in digests().items())
    )
