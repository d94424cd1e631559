"""A real `sage serve` on a distributed database: everything a person does with it, once."""

import json
import subprocess
import sys

import httpx
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from tests.architecture.sources import ROOT
from tests.support.databases import run_sage
from tests.support.fake_siliconflow import KEY
from tests.support.ports import free_port
from tests.support.process import answers, sage
from tests.support.serving import wait_until

TOKEN = "a-token-of-at-least-32-characters!"
SHOWN = {"authorization": f"Bearer {TOKEN}"}
LONG_S = 120

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def provider():
    """Run a SiliconFlow on loopback; give what makes Sage use it."""
    port = free_port()
    command = [sys.executable, "-m", "tests.support.fake_siliconflow", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    yield {"SILICONFLOW_BASE_URL": f"http://127.0.0.1:{port}/v1", "SILICONFLOW_API_KEY": KEY}
    process.terminate()
    process.wait()


@pytest.fixture
def place(spaces, provider):
    return provider | {"DATABASE_URL": spaces.dsn, "SAGE_TOKEN": TOKEN}


@pytest.fixture
def served(place, tmp_path):
    """Run `sage serve`; give its URL."""
    port = free_port()
    with sage(tmp_path, port=port, **place):
        wait_until(lambda: answers(port), "readiness", LONG_S)
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def rest(served):
    with httpx.Client(base_url=served, headers=SHOWN, timeout=60) as client:
        yield client


async def call(served, name, **arguments):
    """Call a tool by the SDK's own client."""
    async with (
        httpx2.AsyncClient(headers=SHOWN, timeout=60) as http,
        Client(streamable_http_client(f"{served}/mcp", http_client=http)) as client,
    ):
        answer = await client.call_tool(name, arguments)
    assert not answer.is_error, answer.content
    return answer.structured_content


async def test_what_is_saved_is_found_recalled_forgotten_and_erased(served, rest, spaces):
    said = {
        "user_prompt": "Where does the bittern nest?",
        "assistant_response": "The bittern nests in the reeds of the lake.",
        "session_id": "birds",
    }
    saved = await call(served, "save_conversation", **said)
    assert saved["saved"]
    again = await call(served, "save_conversation", **said)
    assert (again["saved"], again["memory_ids"]) == (False, saved["memory_ids"])
    wait_until(lambda: rest.get("/api/v1/stats").json()["queue"]["pending"] == 0, "the vectors")

    found = await call(served, "search_memory", query="bittern nest reeds")
    assert {one["memory_id"] for one in found["results"]} & {*saved["memory_ids"]}
    assert not found.get("degraded")
    context = await call(served, "get_context", query="bittern nest reeds")
    assert "reeds of the lake" in context["context"]
    stats = await call(served, "get_memory_stats")
    assert (stats["memories"], stats["sessions"]) == (2, 1)
    line = {"session_id": "cranes", "role": "user", "content": "A crane was seen at the mill."}
    captured = {"client": "claude-code", "memories": [line | {"metadata": {"project": "mill"}}]}
    assert rest.post("/api/v1/hooks/capture", json=captured).is_success
    started = {"client": "claude-code", "event": "start", "project": "mill", "session": "next"}
    recalled = rest.post("/api/v1/hooks/recall", json=started)
    assert "A crane was seen at the mill." in recalled.json()["text"], recalled.text
    imported = rest.post("/api/v1/imports", content=json.dumps(line | {"session_id": "herons"}))
    assert imported.is_success, imported.text

    listed = rest.get("/api/v1/sessions").json()["sessions"]
    assert {one["session_id"] for one in listed} == {"birds", "cranes", "herons"}
    forgotten = await call(served, "forget_memory", session_id="cranes")
    assert forgotten["forgotten"] == 1
    assert (await call(served, "forget_memory", session_id="cranes", undo=True))["restored"] == 1
    for path in ("/health", "/health/detailed", "/metrics", "/api/v1/memories"):
        assert rest.get(path).status_code == 200, path
    assert rest.get("/health").json()["status"] == "healthy"

    erased = rest.delete("/api/v1/spaces/default", params={"confirm": "default"})
    assert erased.is_success, erased.text
    assert spaces.ask("SELECT count(*) FROM sage.memories WHERE space_id = 'default'") == "0"
    assert (await call(served, "search_memory", query="bittern"))["results"] == []


async def test_the_verbs_work(spaces, place, tmp_path):
    said = await run_sage(
        spaces.dsn, tmp_path, "save", "A heron?", "It was seen.", environment=place
    )
    assert said
    for verb in (["stats"], ["list"], ["sessions"], ["migrate", "status"], ["space", "list"]):
        assert await run_sage(spaces.dsn, tmp_path, *verb, environment=place)
    found = await run_sage(spaces.dsn, tmp_path, "search", "heron", environment=place)
    assert "A heron?" in found
    session = spaces.ask("SELECT session_id FROM sage.sessions WHERE space_id = 'default' LIMIT 1")
    erasing = ("erase", "--session", session, "--yes", "--json")
    erased = await run_sage(spaces.dsn, tmp_path, *erasing, environment=place)
    assert '"saves": 1' in erased


async def test_a_backup_can_be_restored_or_a_word_says_what_does_it(spaces, tmp_path):
    target = tmp_path / "backup"
    said = await run_sage(spaces.dsn, tmp_path, "backup", str(target), code=1)
    assert "Citus" in said
    assert not target.exists()
