"""What `docker compose up` brings up, used through the published port."""

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from tests.support import plain_http
from tests.support.docker import docker, eventually
from tests.support.load import load_on


def test_everything_is_healthy_after_up(project):
    for service in ("postgres", "sage-mcp"):
        state = project.inspect(service)["State"]
        assert (state["Status"], state["Health"]["Status"]) == ("running", "healthy")

    def healthy():
        told = plain_http.get(f"{project.url}/health").json()
        return told["status"] == "healthy" and told

    health, _ = eventually(healthy, "a healthy Sage")  # the model is loaded after the start
    assert health["database"] == "healthy"


@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_an_mcp_client_saves_and_searches(project, era):
    headers = {"authorization": f"Bearer {project.token}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30) as http,
        Client(streamable_http_client(f"{project.url}/mcp", http_client=http), mode=era) as client,
    ):
        saved = await client.call_tool(
            "save_conversation",
            {
                "user_prompt": f"Where does the {era} ferry land?",
                "assistant_response": f"The {era} ferry lands at the north quay.",
            },
        )
        assert not saved.is_error
        found = await client.call_tool("search_memory", {"query": f"{era} boat quay", "n": 2})
        contents = [hit["content"] for hit in found.structured_content["results"]]
        assert f"The {era} ferry lands at the north quay." in contents


def test_memories_are_found_by_their_meaning(project):
    """The local model works inside the image: no word of the question is in the memory."""
    project.save("My sister adopted two kittens from the shelter.", "pets")
    project.save("The invoice for the roof repair is overdue.", "house")
    eventually(
        lambda: (
            project.found("Which young cats live with a relative?", 1)
            == ["My sister adopted two kittens from the shelter."]
        ),
        "finding a paraphrase",
    )


def test_without_the_token_nothing_is_told(project):
    for path in ("/mcp", "/api/v1/stats", "/health/detailed", "/docs"):
        assert project.status(path) == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example"}, 421),
        ({"host": "evil.example:17800"}, 421),
        ({"host": "127.0.0.1.evil.example"}, 421),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1.evil.example"}, 403),
        ({}, 200),
    ],
)
@pytest.mark.parametrize("path", ["/mcp", "/health", "/api/v1/stats"])
def test_foreign_hosts_and_pages_are_refused(project, path, headers, status):
    """Inside the container Sage listens on every address: the doors must not depend on that."""
    if path == "/mcp":
        call = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        accept = {"accept": "application/json, text/event-stream"}
        answer = project.http.post(path, json=call, headers={**headers, **accept})
    else:
        answer = project.http.get(path, headers=headers)
    assert answer.status_code == status


def test_a_killed_postgres_costs_readiness_and_nothing_else(project):
    began = project.inspect("sage-mcp")["State"]["StartedAt"]
    with load_on(project.url, project.token) as account:
        eventually(lambda: len(account.memory_ids) > 20, "saving")
        docker("kill", "--signal", "KILL", project.container("postgres"))
        eventually(lambda: project.status("/health/readiness") == 503, "losing readiness")
        assert project.status("/health/liveness") == 200
        docker("start", project.container("postgres"))
        eventually(lambda: project.status("/health/readiness") == 200, "recovering", 10)
        before = len(account.memory_ids)
        eventually(lambda: len(account.memory_ids) > before + 20, "saving again")
    assert project.inspect("sage-mcp")["State"]["StartedAt"] == began
    assert [one for one in account.memory_ids if not project.kept(one)] == []


def test_down_and_up_keep_what_was_saved(project):
    (memory_id,) = project.save("The spare key hangs behind the blue door.")
    project.compose("down", "--timeout", "30")
    assert project.status("/health") is None
    project.up()
    assert project.kept(memory_id)
    assert "The spare key hangs behind the blue door." in project.found("where is the spare key")


def test_the_legacy_profile_answers_to_the_old_name(project):
    project.compose("--profile", "legacy", "up", "--detach", "--wait", "pg")
    try:
        counted = project.compose("exec", "--no-TTY", "pg", "psql", "-Atc", "SELECT 6 * 7")
        assert counted == "42"
        lookup = "import socket; print(socket.create_connection(('pg', 5432), 5).getpeername()[1])"
        answered = project.compose("exec", "--no-TTY", "sage-mcp", "python3", "-c", lookup)
        assert answered == "5432"
    finally:
        project.compose("rm", "--stop", "--force", "pg")
