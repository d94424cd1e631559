"""How a transaction is bound to a space: by a role that owns nothing, and a setting that names it.

Policies on every table with rows of spaces read the setting. Both end with the transaction, so that
a transaction pooler may stand in between.
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
    """Return the statements that begin a transaction which sees a space, as one message.

    For None it sees none. Without a role the owner of the tables is left to work, who sees all.
    Where tables are distributed a function sets all that: Citus sends a statement that sets
    something to other nodes with the whole message that it came in.
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
    """Quote a string so that it is read alike whatever standard_conforming_strings says."""
    return "E'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
