"""Run EXPLAIN for the queries of requests to a Sage in this process."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from sage.store.connections.connection import Connection
from sage.telemetry.logs import request_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "
_CHANGES = ("INSERT", "UPDATE", "DELETE", "FOR UPDATE", "pg_advisory", "set_config")


class Explained:
    """Blocks read by each query, by its name, and the tables read by sequential scans."""

    def __init__(self) -> None:
        self.blocks: Counter[str] = Counter()
        self.whole: set[tuple[str, str]] = set()

    def note(self, sql: str, plan: Mapping[str, Any]) -> None:
        """Add the blocks and sequential scans of a plan."""
        name = sql.splitlines()[0].removeprefix("-- ")[:60]
        self.blocks[name] += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        waiting = [plan]
        while waiting:
            node = waiting.pop()
            if node["Node Type"] == "Seq Scan":
                self.whole.add((name, node["Relation Name"]))
            waiting += node.get("Plans", ())


@contextmanager
def explaining() -> Iterator[Explained]:
    """Run EXPLAIN ANALYZE for each SELECT of a request, until the block ends.

    Queries of background work are left out.
    """
    found = Explained()

    def explained(method: str) -> object:
        asked = getattr(Connection, method)

        async def ask(self: Connection, query: str, *args: object, **options: object) -> object:
            if request_id.get() is not None and _reads(query):
                rows = await self._driver.fetch(_EXPLAIN + query, *args)
                found.note(query, json.loads(rows[0][0])[0]["Plan"])
            return await asked(self, query, *args, **options)

        return patch.object(Connection, method, ask)

    patches = [explained(method) for method in ("fetch", "fetchrow", "fetchval")]
    for one in patches:
        one.start()  # type: ignore[attr-defined]
    try:
        yield found
    finally:
        for one in patches:
            one.stop()  # type: ignore[attr-defined]


def _reads(query: str) -> bool:
    code = [line for line in query.splitlines() if line and not line.startswith("--")]
    is_query = bool(code) and code[0].startswith(("SELECT", "WITH"))
    return is_query and not any(word in query for word in _CHANGES)
