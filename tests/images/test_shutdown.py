"""SIGTERM ends the container politely, whatever it is doing."""

import threading
import time

import httpx

from tests.support.docker import docker, eventually
from tests.support.load import load_on


def test_under_load_it_ends_with_0_within_10_seconds_and_loses_nothing(project):
    container = project.container("sage-mcp")
    with load_on(project.url, project.token, threads=8) as account:
        eventually(lambda: len(account.memory_ids) > 50, "saving")
        began = time.monotonic()
        docker("kill", "--signal", "TERM", container)
        eventually(lambda: not project.inspect("sage-mcp")["State"]["Running"], "ending", 15)
        took_s = time.monotonic() - began
        answered = len(account.memory_ids)
        docker("start", container)
        eventually(lambda: len(account.memory_ids) > answered, "serving again")
    assert took_s < 10
    assert project.inspect("sage-mcp")["RestartCount"] == 0
    assert [one for one in account.memory_ids if not project.kept(one)] == []
    refused = ("ConnectError", "ReadError", "RemoteProtocolError", "503")
    assert [one for one in account.failures if not one.startswith(refused)] == []


def test_the_exit_code_of_a_stop_is_0(project):
    project.compose("stop", "sage-mcp")
    assert project.inspect("sage-mcp")["State"]["ExitCode"] == 0
    project.up()


def test_a_call_in_flight_is_answered(project):
    """The body of the call is still being sent when SIGTERM comes."""
    answers, sending = [], threading.Event()

    def body():
        yield b'{"session_id": "slow", "messages": [{"role": "user", "content": "Said '
        sending.set()
        eventually(lambda: _stopping(project), "stopping", 10)
        yield b'in the last moment."}]}'

    def call():
        headers = {"content-type": "application/json"}
        answers.append(project.http.post("/api/v1/conversations", content=body(), headers=headers))

    caller = threading.Thread(target=call)
    caller.start()
    assert sending.wait(10)
    docker("kill", "--signal", "TERM", project.container("sage-mcp"))
    caller.join(20)
    eventually(lambda: not project.inspect("sage-mcp")["State"]["Running"], "ending", 15)
    project.up()
    assert answers[0].status_code in {200, 201}
    assert project.kept(answers[0].json()["memory_ids"][0])


def _stopping(project):
    """Tell whether new connections are refused."""
    try:
        httpx.get(f"{project.url}/health/liveness", timeout=1)
    except httpx.HTTPError:
        return True
    return False
