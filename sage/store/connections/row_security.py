"""How a transaction is bound to spaces: by a role that owns nothing, and a setting that names them.

Policies on every table with rows of spaces read the setting (migration 16). Both end with the
transaction, so that a transaction pooler may stand in between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sage.store.token_check import TokenCheck

COMMIT, ROLLBACK = "COMMIT", "ROLLBACK"


def begin_in_space(
    role: str | None,
    space_ids: Sequence[str],
    settings: Mapping[str, str],
    check: TokenCheck | None = None,
) -> str:
    """Return the statements that begin a transaction which sees these spaces, as one message.

    Without a role the owner of the tables is left to work, who sees all. A check that is due comes
    first: where it fails, no transaction begins.
    """
    values = {**settings, "sage.spaces": _array(space_ids)}
    statements = ["BEGIN"] if check is None else [_checking(check), "BEGIN"]
    statements += [f"SET LOCAL {name} = {_literal(value)}" for name, value in values.items()]
    if role is not None:
        statements.append(f"SET LOCAL ROLE {_literal(role)}")
    return "; ".join(statements)


def _checking(check: TokenCheck) -> str:
    server_digest = "NULL" if check.server_digest is None else _bytes(check.server_digest)
    version = _literal(check.version)
    return f"SELECT sage.check_token({_bytes(check.shown)}, {server_digest}, {version})"


def _bytes(value: bytes) -> str:
    return f"decode('{value.hex()}', 'hex')"


def _array(values: Sequence[str]) -> str:
    escaped = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{" + ",".join(f'"{value}"' for value in escaped) + "}"


def _literal(value: str) -> str:
    """Quote a string so that it is read alike whatever standard_conforming_strings says."""
    return "E'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
