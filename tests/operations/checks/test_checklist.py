"""The list itself: complete, quick to load, and safe whatever a look does."""

import asyncio
import subprocess
import sys

import pytest

from sage.domain.health import CheckResult
from sage.errors import ConfigurationError, ConfigurationProblem, StoreUnavailableError
from sage.operations.checks import checklist
from sage.operations.checks.checklist import CHECKS, Check, CheckPhase, failure, run_check
from tests.architecture.sources import INSTALLED
from tests.support.each import each

HEAVY = ("asyncpg", "numpy", "sage.store.connections.pool", "sage.providers", "sage.bootstrap")


@each("check", CHECKS)
def test_every_look_exists(check):
    assert callable(checklist.load_probe(check.probe))


@pytest.mark.parametrize("occasion", CheckPhase, ids=lambda occasion: occasion.name)
def test_an_occasion_names_each_thing_once_and_nothing_it_needs_comes_later(occasion):
    names = [check.name for check in CHECKS if occasion in check.when]
    assert names
    assert len(set(names)) == len(names)
    for check in CHECKS:
        if occasion in check.when and check.needs:
            assert names.index(check.needs) < names.index(check.name)


def test_a_running_sage_shows_the_parts_that_callers_rely_on():
    names = {check.name for check in CHECKS if CheckPhase.HEALTH in check.when}
    assert names == {
        *("database", "schema", "cluster", "replica", "queue", "backup", "capture"),
        *("embedding", "reranker", "summary"),
    }


def test_a_start_loads_no_driver_and_no_model():
    script = f"""
import sys
from pathlib import Path
from sage.config.load import read_configuration
from sage.operations.checks.checklist import CheckPhase, run_checks_sync
from sage.operations.checks.context import CheckContext
settings = read_configuration(environ={{"HOME": "/", "SAGE_DATA_DIR": "/nowhere"}}).settings
assert run_checks_sync(CheckPhase.UP, CheckContext(settings=settings))
print(*(name for name in sys.modules if name.startswith({HEAVY!r})))
"""
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(INSTALLED)},
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
    )
    assert ran.stdout.split() == []


async def test_a_probe_that_breaks_or_never_ends_is_a_failure(monkeypatch):
    async def breaks(_context):
        raise ZeroDivisionError("tea")

    async def hangs(_context):
        await asyncio.Event().wait()

    probes = {"a:breaks": breaks, "a:hangs": hangs}
    monkeypatch.setattr(checklist, "load_probe", probes.__getitem__)
    broken = await run_check(Check("tea", "a:breaks", CheckPhase.DOCTOR), None)
    assert (broken.status, broken.detail) == ("unhealthy", "ZeroDivisionError: tea")
    hung = await run_check(Check("tea", "a:hangs", CheckPhase.DOCTOR), None, deadline_s=0.01)
    assert (hung.status, hung.detail) == ("unhealthy", "no answer within 0 s")
    assert hung.latency_ms >= 10


def test_what_is_public_says_nothing_of_the_circumstances():
    away = StoreUnavailableError("the database does not answer", detail="db.example.org", hint="h")
    assert failure(away).detail == "the database does not answer: db.example.org"
    assert failure(away, public=True) == CheckResult.unhealthy("the database does not answer")
    assert failure(OSError("/srv/secret"), public=True).detail == "OSError"
    wrong = ConfigurationError(
        [ConfigurationProblem("SAGE_TOKEN", "environment", "is short", "make one")]
    )
    assert failure(wrong) == CheckResult.unhealthy("SAGE_TOKEN is short", "make one", "SAGE_TOKEN")
