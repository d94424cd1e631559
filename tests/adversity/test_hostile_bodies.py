"""Bodies made to keep the server busy: each costs little, and nobody else waits for it."""

import json
import threading

import httpx
import psutil

from tests.support.ports import free_port
from tests.support.process import answers, sage
from tests.support.serving import wait_until

MAX_CPU_S = 0.3
MAX_STALL_S = 0.1
HEADERS = {"content-type": "application/json", "accept": "application/json, text/event-stream"}


def ints(count):
    return f"[{'1,' * (count - 1)}1]"


def objects(count):
    return f"[{'{},' * (count - 1)}{{}}]"


def keys(count):
    return "{" + ",".join(f'"{number}":0' for number in range(count)) + "}"


TRIES = 3  # processor time grows, too, while others use the processor
LONG_NUMBERS = "[" + ",".join(["9" * 4_300] * 200) + "]"
REST = {
    "integers as messages": ("conversations", f'{{"messages":{ints(500_000)}}}'),
    "integers as ids": ("forget", f'{{"memory_ids":{ints(500_000)}}}'),
    "empty messages": ("conversations", f'{{"messages":{objects(300_000)}}}'),
    "one message too many": ("conversations", f'{{"messages":{objects(1_001)}}}'),
    "1,000 wrong messages": ("conversations", f'{{"messages":{objects(1_000)}}}'),
    "a list in a string": ("conversations", json.dumps({"messages": ints(500_000)})),
    "arguments": ("search", keys(80_000)),
    "arguments, few enough to be parsed": ("search", keys(32_000)),
    "keys": ("search", f'{{"query":"x","metadata":{keys(80_000)}}}'),
    "long numbers": ("search", f'{{"query":"x","metadata":{{"a":{LONG_NUMBERS}}}}}'),
    "escapes": ("search", '{"query":"' + r"\u4e2d" * 170_000 + '"}'),
    "levels": ("search", "[" * 500_000 + "]" * 500_000),
}
MCP = {
    "integers as messages": ("save_conversation", f'{{"messages":{ints(2_000_000)}}}'),
    "integers as ids": ("forget_memory", f'{{"memory_ids":{ints(2_000_000)}}}'),
    "empty messages": ("save_conversation", f'{{"messages":{objects(300_000)}}}'),
    "one message too many": ("save_conversation", f'{{"messages":{objects(1_001)}}}'),
    "keys": ("search_memory", f'{{"query":"x","metadata":{keys(380_000)}}}'),
    "long numbers": ("search_memory", f'{{"query":"x","metadata":{{"a":{LONG_NUMBERS}}}}}'),
    "a list in a string": ("forget_memory", json.dumps({"memory_ids": ints(2_000_000 - 100)})),
}


def tool_call(tool, arguments):
    return (
        '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":'
        f'{{"name":"{tool}","arguments":{arguments}}}}}'
    )


def processor_time(process):
    used = process.cpu_times()
    return round(used.user + used.system, 2)  # it is counted in hundredths of a second


def measure(process, url, path, body):
    """Post a body beside liveness probes: the answer, its processor time, the longest stall.

    A stall is counted in processor time, too, so that other work on the machine does not count.
    """
    got = []
    sender = threading.Thread(
        target=lambda: got.append(httpx.post(url + path, content=body, headers=HEADERS, timeout=60))
    )
    stalls = []
    with httpx.Client(base_url=url, timeout=60) as prober:
        before = processor_time(process)
        sender.start()
        while not stalls or sender.is_alive():
            asked = processor_time(process)
            assert prober.get("/health/liveness").status_code == 200
            stalls.append(round(processor_time(process) - asked, 2))
        sender.join()
        used = round(processor_time(process) - before, 2)
    [answer] = got
    return answer, used, max(stalls)


def test_no_body_keeps_the_server_busy(postgres_dsn, tmp_path):
    port = free_port()
    calls = {
        **{f"REST: {name}": (f"/api/v1/{path}", body) for name, (path, body) in REST.items()},
        **{f"MCP: {name}": ("/mcp", tool_call(*call)) for name, call in MCP.items()},
    }
    costly = {}
    with sage(tmp_path, port=port, DATABASE_URL=postgres_dsn) as server:
        wait_until(lambda: answers(port), "readiness")
        process = psutil.Process(server.pid)
        for name, (path, body) in calls.items():
            for _ in range(TRIES):
                answer, used, stall = measure(
                    process, f"http://127.0.0.1:{port}", path, body.encode()
                )
                refused = (
                    answer.status_code in {400, 413, 422} or answer.json()["result"]["isError"]
                )
                costly[name] = (answer.status_code, used, stall)
                if refused and used <= MAX_CPU_S and stall <= MAX_STALL_S:
                    del costly[name]
                    break
    assert costly == {}
