"""A damaged page of a worker, where the memories are: doctor and the metric count its reads."""

import asyncio
import json
import signal
import time

import httpx
import pytest

from tests.support.damaged_pages import flip_a_bit
from tests.support.databases import run_sage
from tests.support.scraping import scrape

SPACES = 8
_FILE = "SELECT pg_relation_filepath('sage.memories_' || {shard})"
_SHARD = "SELECT get_shard_id_for_distribution_column('sage.memories', '{space}')"

pytestmark = pytest.mark.timeout(600)


def damage_of(spaces, folder):
    """Give what doctor says of damage."""
    said = asyncio.run(run_sage(spaces.dsn, folder, "doctor", "--json", code=1))
    checks = json.loads(said[said.index("{") :])["checks"]
    return next((one["status"], one["detail"]) for one in checks if one["name"] == "damage")


def test_reads_of_a_damaged_page_of_a_worker_are_counted(spaces, url, tmp_path):
    names = spaces.create(SPACES, "damaged")
    worker = spaces.citus.workers[0]
    ports = spaces.ports()
    hit = next(one for one in names if ports[one] == worker.port)
    headers = {"authorization": f"Bearer {spaces.token(names)}"}
    body = {"messages": [{"role": "user", "content": "A heron was seen."}], "space": hit}
    with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
        assert client.post("/api/v1/conversations", json=body).is_success
        expected = ("ok", "page checksums are on, and no damaged page was read")
        assert damage_of(spaces, tmp_path) == expected
        shard = spaces.ask(_SHARD.format(space=spaces.id_of(hit)))
        file = worker.ask(_FILE.format(shard=shard), spaces.dsn.rpartition("/")[2])
        worker.stop(signal.SIGINT)
        flip_a_bit(worker.data_dir / file)
        worker.start()
        deadline = time.monotonic() + 60
        while "a file of the database is damaged" not in (
            client.post("/api/v1/search", json={"query": "heron", "space": hit}).text
        ):
            assert time.monotonic() < deadline
            time.sleep(0.5)
        status, detail = damage_of(spaces, tmp_path)
        assert status == "failed"
        assert "failed because a page is damaged" in detail
    assert scrape(url).value("sage_database_checksum_failures_total") > 0
