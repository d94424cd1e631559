"""The timeout of requests to Sage, and the backoff while it does not answer.

Without backoff, each prompt would wait in vain. The clock may jump: that can only shorten the
backoff.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import NamedTuple

from sage.clients.hooks.server.errors import SLOW, ServerError, UnansweredError
from sage.clients.hooks.state_files import (
    ANSWERS,
    NEAR,
    SERVER,
    UNANSWERED,
    read_json,
    state_path,
    write_json,
)

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from typing import Any

MIN_S = 1.0
"""The minimum timeout of a hook, which is also the maximum for a local Sage."""

_MAX_S = 4.0
"""Clients kill a hook of Sage after five seconds, and Python has to start."""
_TIMES_THE_USUAL = 4
_ANSWERS_KEPT = 9
_MAX_FAILURES = 2
_PAUSE_S = 60.0


class Outage(NamedTuple):
    """The failures of a Sage since its last answer.

    `since` and `at` are the times of the first and the last failure, by the clock; `kind` and `why`
    are those of the last.
    """

    failures: int
    since: float
    at: float
    kind: str
    why: str

    @property
    def is_pausing(self) -> bool:
        """Whether at least the latest two requests failed, within a minute."""
        return self.failures >= _MAX_FAILURES and 0 <= time.time() - self.at < _PAUSE_S


def outage(data_dir: str) -> Outage | None:
    """Return the failures of a Sage that does not answer, None if it does."""
    found = read_json(state_path(data_dir, UNANSWERED))
    count, at = found.get("count"), found.get("at")
    if not isinstance(count, int) or not isinstance(at, float):
        return None
    since = found.get("since")
    begun = since if isinstance(since, float) else at
    return Outage(count, begun, at, str(found.get("kind", "")), str(found.get("why", "")))


def is_backing_off(data_dir: str) -> bool:
    """Return whether Sage is not called now."""
    known = outage(data_dir)
    return known is not None and known.is_pausing


def is_unreachable(data_dir: str) -> bool:
    """Return whether Sage is not called now, and waiting longer would not help."""
    known = outage(data_dir)
    return known is not None and known.is_pausing and known.kind != SLOW


def record_failure(data_dir: str, error: ServerError) -> None:
    """Count a failed request, unless the next one may succeed. Raises OSError.

    A refused connection on this machine takes no time, and causes no backoff.
    """
    if not error.kind:
        return
    server, known = read_json(state_path(data_dir, SERVER)), outage(data_dir)
    costs = isinstance(error, UnansweredError) or not str(server.get("host")).startswith(NEAR)
    now = time.time()
    state = {
        "count": (known.failures if known else 0) + costs,
        "since": known.since if known else now,
        "at": now,
        "kind": error.kind,
        "why": error.why,
    }
    write_json(state_path(data_dir, UNANSWERED), state)


def record_answer(data_dir: str) -> None:
    """Reset the failures."""
    with suppress(OSError):
        os.unlink(state_path(data_dir, UNANSWERED))


def record_reachable(data_dir: str) -> None:
    """Reset the failures, except slowness: a patient caller would not notice that."""
    known = outage(data_dir)
    if known and known.kind != SLOW:
        record_answer(data_dir)


def limit_s(data_dir: str) -> float:
    """Return the timeout of a hook: a second, or four times the usual time of a remote Sage.

    The usual time is the median of the latest answers: a single late one changes nothing.
    """
    server = read_json(state_path(data_dir, SERVER))
    times = _times(data_dir, server)
    if not times:
        return MIN_S
    usual_s = sorted(times)[len(times) // 2]
    return min(max(MIN_S, _TIMES_THE_USUAL * usual_s), _MAX_S)


def record_time(data_dir: str, took_s: float) -> None:
    """Record how long a remote Sage took, or was waited for after connecting. Raises OSError.

    Without those timeouts, the limit would never adapt to a Sage that becomes slower.
    """
    server = read_json(state_path(data_dir, SERVER))
    if "url" in server:
        times = [*_times(data_dir, server), round(took_s, 3)][-_ANSWERS_KEPT:]
        write_json(state_path(data_dir, ANSWERS), {"url": server["url"], "times_s": times})


def _times(data_dir: str, server: dict[str, Any]) -> list[float]:
    """Return the latest times of the current server."""
    known = read_json(state_path(data_dir, ANSWERS))
    times = known.get("times_s")
    if not isinstance(times, list) or "url" not in server or known.get("url") != server["url"]:
        return []
    return [one for one in times if isinstance(one, int | float)]
