"""The replica that searches read from: whether it answers, and how far it is behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.domain.health import CheckResult
from sage.domain.text.wording import duration_text
from sage.phrases import phrase
from sage.store.connections.replica import open_replica

if TYPE_CHECKING:
    from sage.operations.checks.subject import CheckContext
    from sage.store.connections.replica import ReplicaProgress

_MAX_AGE_S = 10.0
_VARIABLE = "DATABASE_READ_URL"


async def replica(subject: CheckContext) -> CheckResult | None:
    """Connect to the replica and compare it with its primary; None where none is configured.

    Raises StoreError.
    """
    dsn = subject.settings.database.read_dsn
    async with open_replica(dsn, subject.opened()) as opened:
        return None if opened is None else replica_result(await opened.progress())


def replica_result(progress: ReplicaProgress) -> CheckResult:
    """Return how well a replica follows its primary."""
    if not progress.is_replica:
        return CheckResult.degraded(
            "is not a replica: searches use the primary",
            "set it to a streaming replica of the primary",
            _VARIABLE,
            code="no_replica",
        )
    if not progress.bytes_behind:
        return CheckResult.healthy("up to date with the primary", code="current")
    figures = {"bytes_behind": progress.bytes_behind, "age_s": progress.replayed_s_ago}
    age = duration_text(progress.replayed_s_ago)
    detail = phrase(
        "{bytes_behind:,} bytes behind; its newest commit is {age} old",
        bytes_behind=progress.bytes_behind,
        age=age,
    )
    if progress.replayed_s_ago > _MAX_AGE_S:
        hint = "see pg_stat_replication on the primary; until then, searches use the primary"
        return CheckResult.degraded(detail, hint, _VARIABLE, code="far_behind", figures=figures)
    return CheckResult.healthy(detail, code="behind", figures=figures)
