"""Compare what was acknowledged with what the database holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.faults.writer import MESSAGES
from tests.support.postgres import ask

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEPT = "SELECT session_id, string_agg(memory_id::text, ' ') FROM sage.memories GROUP BY session_id"
_UNQUEUED = """
    SELECT count(*) FROM sage.memories
    WHERE NOT EXISTS (SELECT FROM sage.embedding_queue q WHERE q.memory_id = memories.memory_id)
      AND NOT EXISTS (SELECT FROM sage.embeddings e WHERE e.memory_id = memories.memory_id)
      AND NOT EXISTS (
          SELECT FROM sage.memory_classes c
          WHERE c.memory_id = memories.memory_id AND NOT sage.is_embedded(class, extent)
      )
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of the conversations: `unqueued` messages would never get a vector.

    Those that say nothing, such as thanks, are to have none.
    """

    acknowledged: int
    lost: int
    incomplete: int
    unqueued: int

    @property
    def flaws(self) -> tuple[int, int, int]:
        """What must be 0."""
        return self.lost, self.incomplete, self.unqueued


def judge(acknowledged: Mapping[str, list[str]], dsn: str) -> Verdict:
    """Compare what was acknowledged with what the database holds."""
    rows = (line.partition("|") for line in ask(dsn, _KEPT).splitlines())
    kept = {session: set(ids.split()) for session, _, ids in rows}
    return Verdict(
        acknowledged=len(acknowledged),
        lost=sum(kept.get(session) != set(ids) for session, ids in acknowledged.items()),
        incomplete=sum(len(ids) != MESSAGES for ids in kept.values()),
        unqueued=int(ask(dsn, _UNQUEUED)),
    )
