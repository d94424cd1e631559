"""Fixtures of the tests on Citus: a distributed database, spaces that are known by their nodes."""

from __future__ import annotations

import asyncio
import os
import secrets
from functools import partial

import pytest

from tests.citus.spaces import Spaces
from tests.support.serving import serving, settings_for

MEASURED = "measured"
LONG = bool(os.environ.get("SAGE_TEST_CITUS_LONG"))


def pytest_terminal_summary(terminalreporter):
    """End with what was measured."""
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, value in report.user_properties:
            if report.when == "call" and name == MEASURED:
                terminalreporter.line(f"{report.nodeid.rpartition('::')[2]}: {value}")


@pytest.fixture
def measured(record_property):
    """Give a function that keeps a line for the end of the run."""
    return partial(record_property, MEASURED)


@pytest.fixture(scope="session")
def size():
    """Choose by `ci/citus --long` between a size that CI has the time for, and the whole."""
    return lambda sample, whole: whole if LONG else sample


@pytest.fixture(scope="module")
def distributed(databases, migrated_template):
    """Give the name of a distributed database for the tests of a file."""
    name = f"sage_citus_{secrets.token_hex(4)}"
    asyncio.run(databases.copy(migrated_template, name))
    yield name
    asyncio.run(databases.drop(name))


@pytest.fixture(scope="module")
def spaces(citus, distributed):
    """Make and find spaces of that database."""
    return Spaces(citus, distributed)


@pytest.fixture
def url(citus, distributed, tmp_path):
    """Serve Sage on that database."""
    with serving(settings_for(citus.dsn(distributed), tmp_path)) as url:
        yield url
