"""What orchestrators and people are told of Sage's health."""

import asyncio
import re
import socket
import statistics
import time
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI

from sage import __version__
from sage.api.http.app import create_app
from sage.domain.health import Status
from sage.phrases import as_phrase, from_json
from tests.support import plain_http
from tests.support.asgi import StandInHealth, StandInServices, caller
from tests.support.serving import settings_for


def app_whose_health_is(tmp_path, **health):
    app = create_app(settings_for(None, tmp_path))
    app.state.services = StandInServices(health=StandInHealth(**health))
    return app


def test_only_probes_are_answered_without_a_host_as_load_balancers_send_them(sage_url):
    def status_of(path):
        place = urlsplit(sage_url)
        with socket.create_connection((place.hostname, place.port), 10) as client:
            client.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
            return client.makefile().readline().split()[1]

    probes = {path: status_of(f"/health{path}") for path in ("", "/liveness", "/readiness")}
    assert set(probes.values()) == {"200"}, probes
    others = {path: status_of(path) for path in ("/health/detailed", "/metrics", "/mcp", "/")}
    assert set(others.values()) == {"421"}, others


def test_a_working_sage_is_healthy_and_ready(sage_url):
    summary = plain_http.get(f"{sage_url}/health")
    assert summary.status_code == 200
    assert summary.json().keys() == {
        *("status", "version", "timestamp", "database", "memory_count")
    }
    assert summary.json()["status"] == "healthy"
    assert summary.json()["version"] == __version__
    assert plain_http.get(f"{sage_url}/health/readiness").json()["ready"] is True
    assert plain_http.get(f"{sage_url}/health/liveness").json() == {"status": "alive"}


def test_details_show_every_part_and_no_place(sage_url, postgres_server):
    report = plain_http.get(f"{sage_url}/health/detailed").json()
    assert {"database", "schema", "embedding", "queue"} <= report["checks"].keys()
    for check in report["checks"].values():
        told = {"status", "latency_ms", "detail", "code", "figures", "hint"}
        assert check.keys() - {"phrases"} == told
        assert re.fullmatch(r"[a-z_]+", check["code"])
        made = as_phrase(from_json(check["detail"], check.get("phrases", {}).get("detail")))
        assert not re.search(r"\d", made.id), "a figure in what is to be translated"
    assert {"cpu", "memory", "disk"} <= report["system"].keys()
    assert report["container"].keys() == {"detected", "runtime", "evidence"}
    assert httpx.URL(postgres_server).host not in str(report["checks"])
    assert report["checks"]["database"]["code"] == "answers"
    assert report["checks"]["queue"]["figures"].keys() >= {"pending", "failed", "age_s"}


@pytest.mark.parametrize(
    ("status", "code"),
    [(Status.HEALTHY, 200), (Status.DEGRADED, 200), (Status.UNHEALTHY, 503)],
)
async def test_only_the_unhealthy_answer_503(tmp_path, status, code):
    async with caller(app_whose_health_is(tmp_path, status=status)) as client:
        for path in ("/health", "/health/detailed"):
            answer = await client.get(path)
            assert answer.status_code == code
            assert answer.json()["status"] == status


async def test_the_unready_say_why(tmp_path):
    async with caller(app_whose_health_is(tmp_path, ready=False)) as client:
        answer = await client.get("/health/readiness")
        assert answer.status_code == 503
        assert answer.json() == {
            "ready": False,
            "reason": "the database is away",
            "state": "waiting",
            "hint": "",
        }


async def test_liveness_needs_no_services(tmp_path):
    async with caller(create_app(settings_for(None, tmp_path))) as client:
        assert (await client.get("/health/liveness")).status_code == 200
        head = await client.head("/health/liveness")
        assert (head.status_code, head.content) == (200, b"")


async def test_liveness_costs_no_more_than_twice_a_bare_route(tmp_path):
    bare = FastAPI()

    @bare.get("/alive")
    async def alive():
        return {"status": "alive"}

    async def median_s(client, path):
        times = []
        for _ in range(200):
            start = time.perf_counter()
            await client.get(path)
            times.append(time.perf_counter() - start)
        return statistics.median(times)

    async def ratio():
        async with caller(create_app(settings_for(None, tmp_path))) as ours, caller(bare) as theirs:
            return await median_s(ours, "/health/liveness") / await median_s(theirs, "/alive")

    ratios = [await ratio() for _ in range(5)]
    await asyncio.sleep(0)
    assert min(ratios) <= 2, ratios
