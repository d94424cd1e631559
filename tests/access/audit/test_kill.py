"""What `kill -9` costs the audit log, and that it can be seen."""

import asyncio
import signal

import asyncpg
import httpx
import pytest

from tests.support import ports
from tests.support.guarded import LINE, SERVER_TOKEN
from tests.support.polling import wait_for
from tests.support.process import answers, sage

MCP = {
    "accept": "application/json, text/event-stream",
    "mcp-protocol-version": "2025-11-25",
}

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def actions(postgres_dsn):
    """Give the actions in the log, in their order."""

    async def read():
        conn = await asyncpg.connect(postgres_dsn)
        try:
            return await conn.fetch("SELECT action FROM sage.audit ORDER BY at, event_id")
        finally:
            await conn.close()

    return lambda: [row["action"] for row in asyncio.run(read())]


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_process_has_a_start_and_no_stop(tmp_path, postgres_dsn, actions, end):
    port = ports.free_port()
    with sage(tmp_path, port=port, DATABASE_URL=postgres_dsn, SAGE_TOKEN=SERVER_TOKEN) as process:
        wait_for(lambda: answers(port))
        shown = {"authorization": f"Bearer {SERVER_TOKEN}"}

        def call():
            url = f"http://127.0.0.1:{port}/api/v1/stats"
            assert httpx.get(url, headers=shown, timeout=30).status_code == 200

        call()
        wait_for(lambda: actions() == ["start", "get_memory_stats"])
        for _ in range(5):
            call()
        process.send_signal(end)
        process.wait()
    found = actions()
    calls = found.count("get_memory_stats")
    if end is signal.SIGTERM:
        assert found == ["start", *["get_memory_stats"] * 6, "stop"]
    else:
        assert found == ["start", *["get_memory_stats"] * calls]


def turn_of(number):
    return {"role": "user", "content": f"told over MCP {number}"}


def test_no_answered_save_is_missing_after_kill_9(tmp_path, postgres_dsn, actions):
    port = ports.free_port()
    with sage(tmp_path, port=port, DATABASE_URL=postgres_dsn, SAGE_TOKEN=SERVER_TOKEN) as process:
        wait_for(lambda: answers(port))
        url = f"http://127.0.0.1:{port}"
        with httpx.Client(headers={"authorization": f"Bearer {SERVER_TOKEN}"}, timeout=30) as http:
            for number in range(20):
                turn = {"user_prompt": f"question {number}", "assistant_response": "answer"}
                assert http.post(f"{url}/api/v1/conversations", json=turn).is_success
                captured = {"client": "c", "memories": [LINE | {"content": f"line {number}"}]}
                assert http.post(f"{url}/api/v1/hooks/capture", json=captured).is_success
                called = {"name": "save_conversation", "arguments": {"messages": [turn_of(number)]}}
                message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": called}
                answer = http.post(f"{url}/mcp", json=message, headers=MCP)
                assert not answer.json()["result"].get("isError")
        process.send_signal(signal.SIGKILL)
        process.wait()
    found = actions()
    assert found.count("save_conversation") == 40
    assert found.count("capture") == 20
