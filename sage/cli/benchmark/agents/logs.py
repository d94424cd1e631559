"""Generate log output as people paste it into prompts: the same for the same name."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

_BEGAN_AT = datetime(2026, 6, 1, 0, 14, tzinfo=UTC)
_USUAL = (
    "INFO  {name} fetched {n} records from partition {p} in {ms} ms",
    "INFO  {name} committed offset {offset} of partition {p}",
    "DEBUG {name} heartbeat sent, generation {g}",
    "INFO  {name} batch of {n} done in {ms} ms",
    "DEBUG {name} cache: {n} hits, {p} misses",
    "WARN  {name} slow batch: {n} records took {ms} ms",
)
_FAILURE = (
    "ERROR {name} session timed out after 6000 ms, leaving the group (generation {g})",
    "WARN  {name} rebalance: partition {p} was claimed by two members",
    "ERROR {name} commit failed: generation {g} is not the current one",
    (
        'Traceback (most recent call last):\n  File "/srv/{name}/loop.py", line {p}, in run\n'
        '    batch.commit()\n  File "/srv/{name}/batch.py", line {g}, in commit\n'
        "    raise StaleGeneration(self.generation)\nStaleGeneration: {g}"
    ),
)


def generated_log(name: str, lines: int) -> str:
    """Return a log of so many lines of a program, with a failure in the middle."""
    draw = random.Random(f"{name} {lines}")  # noqa: S311 - the same lines every time
    at = _BEGAN_AT
    printed = []
    for number in range(lines):
        at += timedelta(milliseconds=draw.randrange(40, 4_000))
        middle = number - lines // 2
        form = _FAILURE[middle] if 0 <= middle < len(_FAILURE) else draw.choice(_USUAL)
        entry = form.format(
            name=name,
            n=draw.randrange(20, 900),
            p=draw.randrange(12),
            ms=draw.randrange(30, 9_500),
            offset=draw.randrange(10**6, 10**7),
            g=40 + number * 3 // lines,
        )
        printed.append(f"{at:%Y-%m-%dT%H:%M:%S.%f} {entry}")
    return "\n".join(printed)
