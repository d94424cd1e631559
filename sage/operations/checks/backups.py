"""Check the backups: the time of the newest one, and whether the next one is late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sage.config.container import is_own_image
from sage.domain.health import CheckResult
from sage.domain.text.wording import age_text
from sage.operations.backup.inventory import read_last_backup
from sage.phrases import phrase

if TYPE_CHECKING:
    from sage.operations.checks.context import CheckContext

_LATE = timedelta(hours=1)
_HINT = "see Sage's log for the reason; to make one now: `sage backup`"


async def newest(context: CheckContext) -> CheckResult:
    """Compare the time of the newest backup with the schedule. Raises StoreError."""
    schedule = context.settings.backup.schedule
    last = await read_last_backup(context.opened())
    now = datetime.now(UTC)
    if last is None:
        if schedule is None:
            detail = (
                "none yet; a schedule is not visible in this container"
                if is_own_image()
                else "none yet, none scheduled (SAGE_BACKUP_SCHEDULE)"
            )
            return CheckResult.healthy(detail, code="none")
        return CheckResult.degraded(
            phrase("none yet, scheduled: {text}", text=schedule.text), _HINT, code="none_yet"
        )
    age_s = (now - last).total_seconds()
    age = phrase("the newest was made {age}", age=age_text(age_s))
    if schedule is None:
        return CheckResult.healthy(
            phrase("{age}; a schedule is not visible in this container", age=age)
            if is_own_image()
            else phrase("{age}, none scheduled (SAGE_BACKUP_SCHEDULE)", age=age),
            code="none_scheduled",
            figures={"age_s": age_s},
        )
    if now - schedule.due_at(last, context.settings.timezone) > _LATE:
        return CheckResult.degraded(
            phrase("{age}, the next one is late ({text})", age=age, text=schedule.text),
            _HINT,
            code="late",
            figures={"age_s": age_s},
        )
    return CheckResult.healthy(
        phrase("{age}, scheduled: {text}", age=age, text=schedule.text),
        code="made",
        figures={"age_s": age_s},
    )
