"""Every outage, caused once while a client saves; `python -m benchmarks faults` causes many.

The pass criterion of all: nothing acknowledged is lost, no conversation is kept in part, each
message is in the queue or has its vectors, and the same Sage goes on.
"""

import pytest

from tests.support.faults.course import run_outage
from tests.support.faults.outages import OUTAGES

SAVES = 100
LASTS_S = 2.0
PATIENCE_S = 30  # the full run reports how much of it is needed
STARTS_OF_SAGE = {"F1": 2, "F5": 2}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("outage", OUTAGES, ids=lambda one: f"{one.fault}: {one.what}")
def test_nothing_acknowledged_is_lost_and_saves_go_on(outage, workspace):
    course = run_outage(outage, workspace, trials=1, saves=SAVES, lasts_s=LASTS_S)
    assert course.verdict.acknowledged >= SAVES
    assert course.verdict.flaws == (0, 0, 0)
    assert course.recovery_s < PATIENCE_S
    assert course.starts_of_sage == STARTS_OF_SAGE.get(outage.fault, 1)
