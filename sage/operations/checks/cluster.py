"""The servers of a distributed database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.domain.health import CheckResult
from sage.domain.local_time import local_time_text
from sage.phrases import joined, numbered, phrase
from sage.store.citus.nodes import answering_nodes, distrusting_nodes

if TYPE_CHECKING:
    from sage.operations.checks.context import CheckContext, RunningContext

_START = phrase(
    "start these servers, or restore the network to them: their spaces are available again as soon "
    "as they answer, and no acknowledged save is lost; other spaces are not affected"
)
_FIND = phrase(
    "`sage doctor` names their addresses; start them, or restore the network to them: their spaces "
    "are available again as soon as they answer, and no acknowledged save is lost; other spaces "
    "are not affected"
)


async def nodes(context: CheckContext) -> CheckResult | None:
    """Check that each server with spaces answers and may use its indexes.

    None if nothing is distributed. Raises StoreError.
    """
    async with context.opened().across_spaces() as conn:
        if not conn.is_distributed:
            return None
        asked = await answering_nodes(conn)
        down = [node for node, answers in asked.items() if not answers]
        distrusting = [] if down else await distrusting_nodes(conn)
    if down:
        return CheckResult.degraded(
            phrase("servers of the cluster do not answer: {nodes}", nodes=", ".join(down)),
            _START,
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


async def refused(context: RunningContext) -> CheckResult | None:
    """Report the servers whose spaces this process refuses; None if nothing is distributed.

    It is what calls have shown: no server is asked. Health answers name no host, so servers are
    named by the `groupid` that Citus gives them. Raises SageError.
    """
    database = context.opened()
    if not database.is_distributed:
        return None
    away = database.absent_nodes
    if not away:
        return CheckResult.healthy("no server is refused", code="all_answer")
    named = [
        phrase(
            "group {number} since {since}",
            number=node.group,
            since=local_time_text(node.since, context.settings.timezone),
        )
        for node in away
    ]
    return CheckResult.degraded(
        phrase("servers of the cluster do not answer: {nodes}", nodes=joined(", ", named)),
        _FIND,
        code="nodes_refused",
        figures={"nodes": len(away)},
    )
