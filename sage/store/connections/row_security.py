"""Binding a transaction to a space: by a role that owns nothing, and a setting with the space.

Policies on every table with rows of spaces read the setting. Both end with the transaction, so that
a transaction pooler may be used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMIT, ROLLBACK = "COMMIT", "ROLLBACK"


def begin_in_space(
    role: str | None,
    space_id: str | None,
    settings: Mapping[str, str],
    *,
    is_distributed: bool = False,
) -> str:
    """Return the statements that begin a transaction limited to a space, as one message.

    With None it sees no space. Without a role the owner of the tables is used, who sees all spaces.
    In a distributed database a function makes all settings: Citus sends a SET statement to other
    nodes with the whole message that contains it.
    """
    values = {**settings, "sage.space": space_id or ""}
    if is_distributed:
        values |= {} if role is None else {"role": role}
        names, texts = (
            ", ".join(map(_literal, each)) for each in zip(*values.items(), strict=True)
        )
        return f"BEGIN; SELECT sage.bound_transaction(ARRAY[{names}], ARRAY[{texts}])"
    statements = ["BEGIN"]
    statements += [f"SET LOCAL {name} = {_literal(value)}" for name, value in values.items()]
    if role is not None:
        statements.append(f"SET LOCAL ROLE {_literal(role)}")
    return "; ".join(statements)


def _literal(value: str) -> str:
    """Quote a string so that it is valid with any value of standard_conforming_strings."""
    return "E'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
