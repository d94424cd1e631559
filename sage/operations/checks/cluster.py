"""The servers of a distributed database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.domain.health import CheckResult
from sage.phrases import numbered, phrase
from sage.store.citus.nodes import answering_nodes, distrusting_nodes

if TYPE_CHECKING:
    from sage.operations.checks.context import CheckContext


async def nodes(context: CheckContext) -> CheckResult | None:
    """Check that each server with spaces answers and may use its indexes.

    None if nothing is distributed. Raises StoreError.
    """
    async with context.opened().across_spaces() as conn:
        if not conn.is_distributed:
            return None
        asked = await answering_nodes(conn)
        distrusting = await distrusting_nodes(conn)
    if down := [node for node, answers in asked.items() if not answers]:
        return CheckResult.degraded(
            phrase("these servers do not answer: {nodes}", nodes=", ".join(down)),
            "their spaces are available again when they respond; other spaces are not affected",
            code="node_down",
        )
    if distrusting:
        return CheckResult.degraded(
            phrase(
                "searches read all memories of a space on these servers: {nodes}",
                nodes=", ".join(distrusting),
            ),
            "as a superuser, mark ts_match_vq and jsonb_contains as LEAKPROOF on each server, as "
            "docs/citus.md describes",
            code="not_leakproof",
        )
    return CheckResult.healthy(
        numbered(
            "distributed with Citus over {count} server: {nodes}",
            "distributed with Citus over {count} servers: {nodes}",
            count=len(asked),
            nodes=", ".join(asked),
        ),
        code="distributed",
    )
