"""Two replicas behind a reverse proxy are restarted in turns under load (F10)."""

import pytest

from tests.support.faults.replicas import (
    NGINX,
    restart_replicas,
    stop_by_sigkill,
    stop_by_sigterm,
)
from tests.support.faults.surroundings import NO_PROVIDER

PROXIES = [None] if NGINX is None else [None, NGINX]

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize("nginx", PROXIES, ids=lambda path: "nginx" if path else "own proxy")
def test_a_rolling_restart_costs_no_request(postgres_dsn, workspace, nginx):
    restart = restart_replicas(
        postgres_dsn, workspace / "sage", NO_PROVIDER, stop_by_sigterm, rounds=2, nginx=nginx
    )
    assert restart.failures == ()
    assert restart.verdict.flaws == (0, 0, 0)
    assert restart.verdict.acknowledged > 100


def test_replicas_that_are_killed_cost_requests_but_no_save(postgres_dsn, workspace):
    restart = restart_replicas(
        postgres_dsn, workspace / "sage", NO_PROVIDER, stop_by_sigkill, rounds=2, nginx=None
    )
    assert restart.failures
    assert restart.verdict.flaws == (0, 0, 0)
