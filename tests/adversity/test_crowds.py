"""Many clients at once who mean the same save (F11) or the same conversation (F12)."""

import pytest

from tests.support.faults.crowds import Duplicates, send_duplicates, write_together
from tests.support.faults.sage_process import running_sage
from tests.support.faults.surroundings import NO_PROVIDER

SENDERS = 200
WRITERS, SAVES = 32, 4


@pytest.fixture
def sage(postgres_dsn, workspace):
    with running_sage(workspace, **NO_PROVIDER, DATABASE_URL=postgres_dsn) as running:
        yield running


async def test_one_save_sent_two_hundred_times_at_once_is_kept_once(sage):
    sent = await send_duplicates(sage.url, SENDERS)
    assert sent == Duplicates(kept=1, replays=SENDERS - 1, ids=2, failures=0, other_body=409)


async def test_a_conversation_of_many_writers_has_one_order_without_gaps(sage):
    written = await write_together(sage.url, writers=WRITERS, saves=SAVES)
    assert written.acknowledged == WRITERS * SAVES
    assert written.failures == 0
    assert (written.missing, written.twice, written.out_of_order) == (0, 0, 0)
