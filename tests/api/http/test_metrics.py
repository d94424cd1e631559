"""What Prometheus is told by a server on a real port."""

import asyncio
import json
import time
from pathlib import Path

import asyncpg
import httpx
import psutil
import pytest

from tests.support import plain_http
from tests.support.backups import fill_spaces
from tests.support.damaged_pages import damaged_copy
from tests.support.ports import free_port
from tests.support.process import answers, sage
from tests.support.scraping import scrape
from tests.support.serving import serving, settings_for, wait_until

TOKEN = "t0ken" * 10
START_S = 150
PLACE = "Where do herons nest?"


def save(url, text, **headers):
    body = {"user_prompt": PLACE, "assistant_response": text}
    return httpx.post(f"{url}/api/v1/conversations", json=body, headers=headers, timeout=30)


def search(url):
    return httpx.post(f"{url}/api/v1/search", json={"query": PLACE}, timeout=30)


def call(url, method, params):
    """Send an MCP message as an older client does, in which nothing but the body names anything."""
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    headers = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
    return httpx.post(f"{url}/mcp", content=json.dumps(body), headers=headers, timeout=30)


def grown(before, after, name, **labels):
    return (after.value(name, **labels) or 0) - (before.value(name, **labels) or 0)


def test_requests_tools_and_stages_are_counted(sage_url):
    before = scrape(sage_url)
    assert save(sage_url, "By the mill.").json()["saved"]
    assert search(sage_url).status_code == 200
    assert search(sage_url).status_code == 200
    assert call(sage_url, "tools/call", {"name": "get_memory_stats", "arguments": {}}).is_success
    name = "sage_http_request_duration_seconds_count"  # counted when the client has its answer
    wait_until(lambda: grown(before, scrape(sage_url), name, route="/mcp") == 1, "the count")
    after = scrape(sage_url)

    route = {"method": "POST", "route": "/api/v1/search", "status": "200"}
    assert grown(before, after, "sage_http_requests_total", **route) == 2
    for tool, times in (("save_conversation", 1), ("search_memory", 2), ("get_memory_stats", 1)):
        labels = {"tool": tool, "outcome": "ok"}
        assert grown(before, after, "sage_tool_calls_total", **labels) == times
        assert grown(before, after, "sage_tool_duration_seconds_count", tool=tool) == times
    operation = {"mcp_method_name": "tools/call", "gen_ai_tool_name": "get_memory_stats"}
    name = "mcp_server_operation_duration_seconds_count"
    assert grown(before, after, name, **operation, error_type="") == 1
    for stage in ("lexemes", "store"):
        name = "sage_save_stage_duration_seconds_count"
        assert grown(before, after, name, stage=stage) == 1
    for stage in ("parse", "words", "embed", "rank", "read"):
        name = "sage_search_stage_duration_seconds_count"
        assert grown(before, after, name, stage=stage) == 2, stage
    assert grown(before, after, "sage_saves_total", result="new") == 1
    assert grown(before, after, "sage_memories_saved_total") == 2


def test_a_repeated_and_a_refused_save_are_told_apart(sage_url):
    before = scrape(sage_url)
    body = {"user_prompt": "Owls?", "assistant_response": "In the barn.", "idempotency_key": "owls"}
    for answer in ("In the barn.", "In the barn.", "In the mill."):
        body["assistant_response"] = answer
        httpx.post(f"{sage_url}/api/v1/conversations", json=body, timeout=30)
    after = scrape(sage_url)
    counts = {
        result: grown(before, after, "sage_saves_total", result=result)
        for result in ("new", "replay", "rejected", "failed")
    }
    assert counts == {"new": 1, "replay": 1, "rejected": 1, "failed": 0}
    labels = {"tool": "save_conversation", "outcome": "ConflictError"}
    assert grown(before, after, "sage_tool_calls_total", **labels) == 1


def test_no_client_can_choose_a_label(sage_url):
    names = ("sage_http_requests_total", "mcp_server_operation_duration_seconds_count")
    secret = "hunter2"
    for _ in range(2):  # the first time makes the series of what is refused
        before = scrape(sage_url)
        for number in range(3):
            plain_http.get(f"{sage_url}/{secret}/{number}")
            plain_http.request(f"{secret}{number}".upper(), f"{sage_url}/health")
            plain_http.get(f"{sage_url}/api/v1/sessions/{secret}{number}")
            call(sage_url, f"{secret}/{number}", {})
            call(sage_url, "tools/call", {"name": f"{secret}{number}", "arguments": {}})
            call(sage_url, "tools/call", {"name": "search_memory", "arguments": {"x": secret}})
    after = scrape(sage_url)
    assert after.labels(names[0], "route") >= {"other", "/api/v1/sessions/{session_id}"}
    for name in names:
        series = [[s[:2] for s in one.samples if s[0] == name] for one in (before, after)]
        assert series[0] == series[1]
    assert secret not in str(after).lower()


def test_figures_of_the_database_the_pool_and_the_machine_are_read(sage_url):
    save(sage_url, "In the reeds.")
    now = scrape(sage_url)
    assert now.value("sage_database_up") == 1
    assert now.value("sage_database_size_bytes") > 1_000_000
    assert now.value("sage_database_checksum_failures_total") == 0
    assert now.value("sage_database_pool_size") >= now.value("sage_database_pool_idle")
    assert now.value("sage_database_pool_limit") >= now.value("sage_database_pool_size")
    assert now.value("sage_backup_last_success_timestamp_seconds") == 0
    assert 0 < now.value("sage_disk_free_bytes") < now.value("sage_disk_size_bytes")
    assert now.value("sage_processes") == 1
    assert now.value("process_resident_memory_bytes") > 1_000_000
    assert now.value("process_start_time_seconds") < time.time()
    assert now.value("sage_build_info") == 1
    for name in ("sage_memories", "sage_queue_pending", "sage_queue_failed"):
        assert now.value(name) >= 0
    wait_until(lambda: scrape(sage_url).value("sage_event_loop_lag_seconds_count"), "a look")


def test_damage_is_counted_also_where_memories_cannot_be(postgres_dsn, postgres_server, tmp_path):
    fill_spaces(postgres_dsn)
    with (
        damaged_copy(postgres_dsn, postgres_server) as copy,
        serving(settings_for(copy, tmp_path)) as url,
    ):
        name = "sage_database_checksum_failures_total"
        wait_until(lambda: scrape(url).value(name), "a read of the damaged page")
        assert scrape(url).value("sage_memories") is None


def test_the_token_is_asked_for_where_there_is_one(postgres_dsn, tmp_path):
    with serving(settings_for(postgres_dsn, tmp_path, token=TOKEN)) as url:
        assert plain_http.get(f"{url}/metrics").status_code == 401
        now = scrape(url, headers={"authorization": f"Bearer {TOKEN}"})
        assert now.value("sage_http_requests_total", status="401", route="other") >= 1


def test_a_port_of_its_own_serves_metrics_alone_without_the_token(postgres_dsn, tmp_path):
    port, own = free_port(), free_port()
    env = {"SAGE_TOKEN": TOKEN, "SAGE_METRICS_PORT": str(own), "DATABASE_URL": postgres_dsn}
    with sage(tmp_path, port=port, **env):
        wait_until(lambda: answers(port), "readiness")
        url = f"http://127.0.0.1:{own}"
        assert scrape(url).value("sage_database_up") == 1
        assert plain_http.get(f"http://127.0.0.1:{port}/metrics").status_code == 401
        for path in ("/", "/health", "/health/detailed", "/api/v1/stats", "/mcp"):
            answer = plain_http.get(url + path)
            assert answer.status_code == 404
            assert "MCP_SERVER_PORT" in answer.json()["hint"]
        assert plain_http.post(f"{url}/metrics").status_code == 404
        rebound = plain_http.get(f"{url}/metrics", headers={"host": "evil.example"})
        assert rebound.status_code == 421


def test_one_port_for_both_is_refused(tmp_path):
    port = free_port()
    with sage(tmp_path, port=port, SAGE_METRICS_PORT=str(port)) as process:
        assert process.wait(60) == 78
    assert "SAGE_METRICS_PORT" in (tmp_path / "log").read_text()


async def test_figures_that_take_too_long_are_left_out_while_the_database_is_up(
    postgres_dsn, tmp_path
):
    holder = await asyncpg.connect(postgres_dsn)
    with serving(settings_for(postgres_dsn, tmp_path)) as url:
        assert scrape(url).value("sage_queue_pending") == 0
        async with holder.transaction():
            await holder.execute("LOCK TABLE sage.memories IN ACCESS EXCLUSIVE MODE")
            await until_counted(url, counted=False)
            for _ in range(3):  # none waits longer than the first one
                waiting = await asyncio.to_thread(scrape, url, timeout=5)
                assert waiting.value("sage_database_up") == 1
                assert waiting.value("sage_queue_pending") is None
                assert waiting.value("sage_backup_last_success_timestamp_seconds") == 0
                assert waiting.value("sage_database_pool_limit") > 0
                assert waiting.value("sage_disk_free_bytes") > 0
        await until_counted(url, counted=True)
    await holder.close()


async def until_counted(url, *, counted):
    """Wait until the figures that were kept are too old; a bounded wait."""
    async with asyncio.timeout(30):
        while True:
            now = await asyncio.to_thread(scrape, url)
            if (now.value("sage_queue_pending") is not None) == counted:
                return
            await asyncio.sleep(0.1)


@pytest.mark.timeout(400)
def test_workers_add_up_and_the_gauges_of_a_dead_one_go(postgres_dsn, tmp_path):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with sage(tmp_path, "--workers", "2", port=port, DATABASE_URL=postgres_dsn) as process:
        wait_until(lambda: pool_limit(url) == 16, "both workers", START_S, pause_s=0.2)
        children = psutil.Process(process.pid).children()
        victim, _ = [child for child in children if "spawn_main" in str(child.cmdline())]
        for number in range(20):  # a connection each, so that both workers get some
            assert save(url, f"Egg {number}").json()["saved"]
        assert scrape(url).value("sage_saves_total", result="new") == 20
        assert scrape(url).value("sage_processes") >= 3
        counted = Path(victim.environ()["PROMETHEUS_MULTIPROC_DIR"])
        (counted / "counter_1.db").touch()  # as a worker that has only opened its file leaves it
        assert scrape(url).value("sage_saves_total", result="new") == 20

        victim.kill()
        wait_until(lambda: pool_limit(url) == 8, "the dead one's gauges to go", pause_s=0.2)
        assert scrape(url).value("sage_saves_total", result="new") == 20
        wait_until(lambda: pool_limit(url) == 16, "another worker", START_S, pause_s=0.2)
        assert scrape(url).value("sage_saves_total", result="new") == 20


def pool_limit(url):
    try:
        return scrape(url).value("sage_database_pool_limit")
    except httpx.TransportError:
        return None
