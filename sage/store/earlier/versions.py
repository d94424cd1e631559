"""The schema versions before the schema was one file, which this release can still upgrade.

A database is changed in place, by `upgrade.sql` and then by the schema itself. A backup has only
rows: the tables of the schema are changed back to what they were in its version, the rows are
loaded, and from then on it is a database of that version.
"""

from __future__ import annotations

from importlib import resources

from sage.store.named_sql import query

FIRST = 22
"""The first version that can be upgraded."""

LAST_TO_MIGRATE_TO_FIRST = "a93373a0"
"""The last commit whose newest version is `FIRST`: it migrates any older version."""

CHECKSUMS = {
    22: "cb33fd18aab40651fd6481a2397c2333aff5b58420849ef725c347c32fc7882d",
    23: "36337df76c54dc28c765fa6b154f1756a3605f05c962f377e0b5cbe750043646",
    24: "7d1d4317b2a7ab4177227105c19a2d17572e7065a8682dcaa1a49e014a000d40",
    25: "8d2f944f1295d09966ff3d2881e04de00d038c4a499ab3f93481985eae4ca11d",
    26: "b54e2b745856e3c517a599aa973f25649d12c5333fc694429794b99ca229129a",
    27: "2bf1b430f319899a76d32de9935aeb2089888de622abc0232207b37000a74f65",
    28: "e3ef6c91f6ea1c5a05ffc8a24305503fb8ee5e7bfe494238bd51de2ecea31633",
    29: "7a16472a1f01775b13723260f228fb3005069f6549c291efe005d68484d3b365",
    30: "1a2775b7617dc8831f69cde4ab89ff093664815868b8d6be93e0df228a7049e4",
    31: "340712eb275e248e2f37903073ad50abcc778b023a88fcde8466ffe3ba1c7374",
    32: "23b32f6298d9b39fd58ed8403af0ac92a8508c1b6b8c9299037b57ad0da63851",
}
"""The SHA-256 of the migration that created each version, in hex."""

FIRST_MIGRATION = "0d17c6a9840fd5a6ee733fe3bd4bc4f95c22cd8463ae9e57e4a7857ca5b145f0"
"""The SHA-256 of the very first migration, which databases of any age have recorded."""

UPGRADE = resources.files("sage.store.earlier").joinpath("upgrade.sql").read_text(encoding="utf-8")

_DROP_NETWORKS = query("tables_before_24")
_DROP_CLASSES = query("tables_before_26")
_DROP_EXTENT = query("tables_before_27")
_DROP_PROJECTS = query("tables_before_28")
_ADD_TOKEN_VERSIONS = query("tables_before_32")
_CHANGES_BACK = {
    32: _ADD_TOKEN_VERSIONS,
    28: _DROP_PROJECTS,
    27: _DROP_EXTENT,
    26: _DROP_CLASSES,
    24: _DROP_NETWORKS,
}

CHANGES_BACK = tuple(_CHANGES_BACK.values())
"""All statements that `changes_back_to` chooses from."""


def changes_back_to(version: int) -> tuple[str, ...]:
    """Return the statements that change the tables of the schema back to those of a version."""
    return tuple(sql for since, sql in _CHANGES_BACK.items() if version < since)
