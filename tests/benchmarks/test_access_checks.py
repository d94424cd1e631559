"""The cost of an access check is measured against a server that lacks this check alone."""

from __future__ import annotations

import asyncpg
import pytest

from benchmarks import access_checks
from benchmarks.access_checks import LAYERS, measure_access_checks
from tests.support.serving import settings_for

RECORDED = """
SELECT count(*) FILTER (WHERE token_name IS NULL) AS without,
    count(*) FILTER (WHERE token_name = 'valid') AS shown
FROM sage.audit WHERE action = 'save_conversation' AND outcome = 'ok'
"""


@pytest.mark.timeout(300)
async def test_a_server_without_tokens_records_its_calls_too(postgres_dsn, tmp_path, monkeypatch):
    """Otherwise, the cost of the audit log would be counted as that of tokens."""
    monkeypatch.setattr(access_checks, "_FILLED", 2)
    monkeypatch.setattr(access_checks, "_WARM_UP", 1)
    settings = settings_for(postgres_dsn, tmp_path)
    times = await measure_access_checks(settings, 3, lambda _: None)
    assert [one.layer for one in times.costs] == [
        layer for layer in LAYERS for _ in access_checks.CALLS
    ]
    conn = await asyncpg.connect(postgres_dsn)
    row = await conn.fetchrow(RECORDED)
    await conn.close()
    # Two servers with tokens record, and one without; the fourth records nothing.
    assert (row["without"], row["shown"]) == (6, 12)
