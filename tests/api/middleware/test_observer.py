"""Request ids, access lines, crashes, crowds."""

import asyncio
import json

import pytest

from sage.api.http.app import create_app
from sage.api.middleware.concurrency import ConcurrencyLimit
from sage.api.middleware.observer import RequestObserver
from sage.api.server.uvicorn_server import StartupReporter
from sage.errors import StoreUnavailableError
from tests.support.asgi import StandInMemory, StandInServices, app_with, caller, echo
from tests.support.log_lines import logged
from tests.support.serving import settings_for


@pytest.fixture
def lines(tmp_path):
    with logged(tmp_path / "log") as read:
        yield read


async def crash(*_):
    raise RuntimeError("the secret inner words")


async def test_a_request_keeps_the_callers_id_or_gets_one(lines):
    async with caller(RequestObserver(echo)) as client:
        kept = await client.get("/a", headers={"x-request-id": "trace-1.A_b"})
        assert kept.headers["x-request-id"] == "trace-1.A_b"
        for bad in ("", "x" * 65, "a b", "a\tb", "é".encode()):
            made = await client.get("/a", headers={"x-request-id": bad})
            assert len(made.headers["x-request-id"]) == 32
    line = lines()[0]
    assert line["event"] == "request"
    assert (line["request_id"], line["path"], line["status"]) == ("trace-1.A_b", "/a", 200)
    assert line["duration_ms"] >= 0


async def test_no_query_body_or_header_gets_into_the_log(lines):
    async with caller(RequestObserver(echo)) as client:
        await client.post("/a?q=whispered", content=b"whispered", headers={"x-note": "whispered"})
    assert "whispered" not in json.dumps(lines())


async def test_probes_are_logged_for_debugging_only(lines):
    async with caller(RequestObserver(echo)) as client:
        await client.get("/health/liveness")
        await client.get("/a")
    assert [line["level"] for line in lines()] == ["debug", "info"]


async def test_answers_are_not_sniffed_and_not_kept(lines):
    async with caller(RequestObserver(echo)) as client:
        headers = (await client.get("/a")).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert lines()


async def test_a_crash_is_logged_whole_and_told_without_its_words(lines):
    async with caller(RequestObserver(crash)) as client:
        answer = await client.get("/a")
    problem = answer.json()
    assert answer.status_code == 500
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert "secret" not in answer.text
    crashed = next(line for line in lines() if line["event"] == "request_crashed")
    assert "the secret inner words" in crashed["exception"]
    assert crashed["request_id"] == problem["request_id"]


@pytest.mark.parametrize("status", [401, 403, 421])
async def test_of_many_refused_callers_one_in_ten_seconds_is_logged(lines, status):
    now = [100.0]

    async def refuse(_scope, _receive, send):
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body"})

    async with caller(RequestObserver(refuse, clock=lambda: now[0])) as client:
        for _ in range(50):
            await client.get("/mcp")
        assert [line["status"] for line in lines()] == [status]
        now[0] += 10
        for _ in range(50):
            await client.get("/mcp")
    assert [line["suppressed"] for line in lines()] == [0, 49]


async def test_every_other_answer_is_logged(lines):
    async with caller(RequestObserver(echo)) as client:
        for _ in range(3):
            await client.get("/a")
    assert len(lines()) == 3
    assert "suppressed" not in lines()[0]


async def test_a_call_cut_off_by_the_end_is_told_so_and_sent_again_later(lines):
    inside = asyncio.Event()

    async def endless(*_):
        inside.set()
        await asyncio.Event().wait()

    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/a", "headers": []}
    call = asyncio.create_task(StartupReporter(RequestObserver(endless))(scope, None, send))
    await inside.wait()
    call.cancel()
    await call
    assert sent[0]["status"] == 503
    assert dict(sent[0]["headers"])[b"retry-after"] == b"5"
    assert lines()[-1]["status"] == 503


async def test_a_crash_in_a_route_is_told_as_a_problem(tmp_path, lines):
    app = create_app(settings_for(None, tmp_path))
    app.state.services = StandInServices(memory=StandInMemory(RuntimeError("secret words")))
    async with caller(app) as client:
        answer = await client.get("/api/v1/stats")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text
    assert sum("exception" in line for line in lines()) == 1


async def test_an_absent_database_is_told_with_a_time_to_try_again(tmp_path, lines):
    app = create_app(settings_for(None, tmp_path))
    error = StoreUnavailableError("the database does not answer", hint="try again")
    app.state.services = StandInServices(memory=StandInMemory(error))
    async with caller(app) as client:
        answer = await client.post("/api/v1/search", json={"query": "x"})
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert lines()


async def test_a_crowd_is_sent_away_but_probes_get_through():
    inside, gate = asyncio.Event(), asyncio.Event()

    async def slow(scope, receive, send):
        if scope["path"] == "/slow":
            inside.set()
            await gate.wait()
        await echo(scope, receive, send)

    async with caller(ConcurrencyLimit(slow, most_at_once=1)) as client:
        first = asyncio.create_task(client.get("/slow"))
        await inside.wait()
        refused = await client.get("/a")
        assert refused.status_code == 503
        assert refused.headers["retry-after"] == "1"
        assert (await client.get("/health/liveness")).status_code == 200
        gate.set()
        assert (await first).status_code == 200
        assert (await client.get("/a")).status_code == 200


async def test_a_crash_is_recorded_as_failed_and_what_is_for_a_foreign_host_not_at_all(
    tmp_path, lines
):
    app = app_with(tmp_path)
    app.state.services.memory = StandInMemory(RuntimeError("the secret inner words"))
    async with caller(app) as client:
        foreign = await client.get("/api/v1/stats", headers={"host": "evil.example"})
        assert (foreign.status_code, app.state.services.audit.events) == (421, [])
        assert (await client.get("/api/v1/stats")).status_code == 500
    (event,) = app.state.services.audit.events
    assert (event.action, event.outcome, event.origin) == (
        "get_memory_stats",
        "failed",
        "127.0.0.1",
    )
    assert lines()
