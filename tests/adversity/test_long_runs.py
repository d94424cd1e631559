"""What adds up: a long queue (F9), connections that are held (F23), hours of work (F25).

Short forms of what `python -m benchmarks faults` does at full length.
"""

import pytest

from tests.support.faults.backlog import save_beside_backlog
from tests.support.faults.held import save_beside_held
from tests.support.faults.sage_process import running_sage
from tests.support.faults.soak import soak
from tests.support.faults.surroundings import NO_PROVIDER
from tests.support.live import new_database

WAITING = 20_000
DAY_S = 86_400
HELD = 500
MAX_RATIO = 2
ATTEMPTS = 4
WARM_UP_S, SOAK_S = 8, 12
MAX_GROWTH_MIB_A_MINUTE = 30  # a leak of 4 KiB a save would be more
SPARE_DESCRIPTORS = 4

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def sage(postgres_dsn, workspace):
    with running_sage(workspace, **NO_PROVIDER, DATABASE_URL=postgres_dsn) as running:
        yield running


def test_a_long_queue_slows_no_save_and_is_drained_afterwards(
    postgres_dsn, postgres_server, migrated_template, workspace
):
    with new_database(postgres_server, migrated_template) as other:
        backlog = save_beside_backlog((postgres_dsn, other), workspace, waiting=WAITING, saves=160)
    assert backlog.ratio < MAX_RATIO
    assert DAY_S <= backlog.oldest_age_s < 1.1 * DAY_S
    assert backlog.drained_per_s > 0


def test_clients_that_never_end_their_request_slow_nobody(sage):
    slowed = [save_beside_held(sage.url, held=HELD, saves=40, rounds=2)]
    while slowed[-1].ratio > MAX_RATIO and len(slowed) < ATTEMPTS:
        slowed.append(save_beside_held(sage.url, held=HELD, saves=40, rounds=2))
    assert slowed[-1].ratio < MAX_RATIO, slowed
    assert all(one.failures == 0 for one in slowed)


def test_memory_and_descriptors_stay_flat(sage, postgres_dsn, workspace):
    ran = soak(sage, postgres_dsn, workspace, warm_up_s=WARM_UP_S, seconds=SOAK_S)
    assert ran.failures == ()
    assert ran.verdict.flaws == (0, 0, 0)
    assert ran.searches > 0
    assert ran.growth_mib_a_minute < MAX_GROWTH_MIB_A_MINUTE
    assert ran.descriptors_after <= ran.descriptors_before + SPARE_DESCRIPTORS
