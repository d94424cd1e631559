"""What a page of a list is asked for with, over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.domain.given import GivenRequest
from sage.domain.listing import ForgottenRequest, ListOrder, MemoriesRequest, SessionsRequest

if TYPE_CHECKING:
    from datetime import datetime

    from sage.domain.listing import PageRequest


def arguments_of(page: PageRequest | None) -> dict[str, object]:
    """Return the parameters of the request for a page; None is left out of it."""
    if page is None:
        return {}
    asked: dict[str, object] = {"limit": page.limit, "cursor": page.cursor}
    if isinstance(page, SessionsRequest | ForgottenRequest):
        first, last = SessionsRequest().since, SessionsRequest().until
        asked["from"] = None if page.since == first else page.since.isoformat()
        asked["to"] = None if page.until == last else page.until.isoformat()
    if isinstance(page, ForgottenRequest):
        asked |= {"by": page.by, "session_id": page.session_id}
    if isinstance(page, SessionsRequest):
        asked |= {"project": page.project, "source": page.source, "author": page.author}
    if isinstance(page, GivenRequest):
        asked["session_id"] = page.session_id
    if isinstance(page, MemoriesRequest):
        asked["order"] = page.order if page.order is ListOrder.KEPT else None
        if (filters := page.filters) is not None:
            asked |= {"session_id": filters.session_id, "role": filters.role}
            asked |= {"after": _iso(filters.after), "before": _iso(filters.before)}
            asked["project"] = filters.metadata.get("project")
    return asked


def _iso(when: datetime | None) -> str | None:
    return None if when is None else when.isoformat()
