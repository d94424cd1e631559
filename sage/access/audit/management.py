"""Record administrative changes in the audit log, in the transaction of the change."""

from __future__ import annotations

import os
import pwd
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from sage.access.audit.event import OK, AuditEvent, Surface, current_event
from sage.access.audit.store import record_events

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    spaces: Sequence[str] = (),
) -> None:
    """Record a change by the operating system's user that runs this, or by the caller.

    A change in several `spaces` is recorded in each, by their ids. Raises StoreError.
    """
    event = AuditEvent(surface, action, _account(), token, user, space, outcome)
    if call := current_event():
        event.surface, event.origin = call.surface, call.origin
        event.token_name, event.user_name = token or call.token_name, user or call.user_name
    event.about(names)
    events = [replace(event, space=one, event_id=uuid4()) for one in spaces]
    await record_events(conn, events or [event])


def _account() -> str:
    number = os.getuid()
    try:
        return f"account {pwd.getpwuid(number).pw_name}"
    except KeyError:  # a container may run under any number
        return f"account {number}"
