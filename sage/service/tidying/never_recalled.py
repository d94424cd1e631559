"""Memories that are months old, and were never recalled since recalls are recorded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sage.domain.listing import ListPosition
from sage.domain.tidying import TidyGroup, TidyPage
from sage.store.tidying import count_totals, read_shown, recorded_since, walk_unrecalled

if TYPE_CHECKING:
    from sage.config.settings import RecallSettings
    from sage.domain.tidying import TidyRequest
    from sage.store.connections.pool import Database

OLD = timedelta(days=90)
_STEP = 500


class NeverRecalled:
    """Finds memories that were never recalled; `settings` are those of the recall log."""

    def __init__(self, database: Database, settings: RecallSettings) -> None:
        self._database = database
        self._settings = settings

    async def page(self, request: TidyRequest) -> TidyPage:
        """Find memories that were saved at least 90 days ago and never recalled in the recall log.

        The page is empty if nothing is recorded. Raises StoreError.
        """
        if not self._settings.log:
            return TidyPage(request.kind, (), (), None, 0, None)
        now = datetime.now(UTC)
        async with self._database.in_space(request.space_id) as conn:
            since = await recorded_since(conn, request.space_id)
            if since is None:
                return TidyPage(request.kind, (), (), None, 0, None)
            walked = await walk_unrecalled(conn, request, now - OLD, _STEP)
            ends = [place for place, one in enumerate(walked, 1) if one.is_unrecalled]
            looked_at = ends[request.limit - 1] if len(ends) >= request.limit else len(walked)
            ids = [one.memory_id for one in walked[:looked_at] if one.is_unrecalled]
            shown = await read_shown(conn, request.space_id, ids)
            total, _ = await count_totals(conn, request.space_id)
        last = walked[looked_at - 1] if walked else None
        has_more = looked_at < len(walked) or len(walked) == _STEP
        cursor = ListPosition(last.created_at, last.memory_id).to_cursor() if last else None
        return TidyPage(
            kind=request.kind,
            groups=tuple(TidyGroup((shown[one][0],)) for one in ids if one in shown),
            sessions=(),
            next_cursor=cursor if has_more else None,
            looked_at=looked_at,
            looked_back_to=last.created_at if last else None,
            total=total,
            recorded_since=max(since, now - timedelta(days=self._settings.log_days)),
        )
