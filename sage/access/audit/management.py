"""Records what is changed by those who manage Sage, in the transaction of the change."""

from __future__ import annotations

import os
import pwd
from typing import TYPE_CHECKING

from sage.access.audit.event import OK, AuditEvent, Surface, current_event
from sage.access.audit.store import record_events

if TYPE_CHECKING:
    from sage.store.connections.connection import Connection


async def record_change(  # noqa: PLR0913 - who, what, where, how it ended
    conn: Connection,
    action: str,
    *names: object,
    token: str | None = None,
    user: str | None = None,
    outcome: str = OK,
    surface: Surface = Surface.CLI,
    space: str | None = None,
) -> None:
    """Record what the account that runs this changed, or who calls it. Raises StoreError."""
    event = AuditEvent(surface, action, _account(), token, user, space, outcome)
    if call := current_event():
        event.surface, event.origin = call.surface, call.origin
    event.about(names)
    await record_events(conn, [event])


def _account() -> str:
    number = os.getuid()
    try:
        return f"account {pwd.getpwuid(number).pw_name}"
    except KeyError:  # a container may run under any number
        return f"account {number}"
