"""`start-sage-mcp.sh --docker` from a clean clone, as a person would use it."""

import json
import re
import secrets
import stat
import subprocess

import httpx
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from tests.support import plain_http
from tests.support.docker import clone_of_the_tree, docker, inspect, run
from tests.support.ports import free_port

FERRY = "The late ferry lands at the south quay."


class Clone:
    """A clean clone with a project name and an image of its own."""

    def __init__(self, place, variables):
        self.place = clone_of_the_tree(place / "clone of sage")
        self.project = f"sage-test-{secrets.token_hex(4)}"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = {
            "COMPOSE_PROJECT_NAME": self.project,
            "SAGE_IMAGE": f"sage-mcp:{self.project}",
            "HOME": str(place),
            "MCP_SERVER_PORT": "",
            **variables,
        }

    def start(self, *args, **variables):
        command = (str(self.place / "start-sage-mcp.sh"), *map(str, args))
        env = {**self.env, **variables}
        started = run(*command, cwd="/", env=env, check=False, timeout=800)
        if "connection reset by peer: unknown" not in started.stderr:
            return started
        # The container runtime lost its child as the container began, before Sage ran in it.
        return run(*command, cwd="/", env=env, check=False, timeout=800)

    def containers(self):
        names = [f"{self.project}-{service}-1" for service in ("postgres", "sage-mcp")]
        return [(one["Id"], one["State"]["StartedAt"]) for one in map(inspect, names)]

    def ready(self):
        try:
            return httpx.get(f"{self.url}/health/readiness", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def read(self, name):
        return (self.place / name).read_text(encoding="utf-8")

    def remove(self):
        command = ("docker", "compose", "--profile", "*", "down", "--volumes", "--timeout", "5")
        run(*command, cwd=self.place, env=self.env, check=False)
        run("docker", "rmi", self.env["SAGE_IMAGE"], check=False)


@pytest.fixture(scope="module")
def clone(variables, runtime, tmp_path_factory):  # noqa: ARG001 - its steps are used again
    """Give a clone where Sage was started with Docker once."""
    one = Clone(tmp_path_factory.mktemp("start"), variables)
    try:
        one.first = one.start("--docker", "--port", one.port)
        assert one.first.returncode == 0, one.first.stderr
        yield one
    finally:
        one.remove()


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_clean_clone_comes_to_ready_and_is_told_what_it_has(clone):
    assert clone.ready()
    shown = clone.first.stdout
    assert f"{clone.url}/mcp" in shown
    assert re.search(
        r"sage \d+\.\d+\.\d+\S*, PostgreSQL 17\.\d+, pgvector 0\.\d+\.\d+, Docker \d", shown
    )
    for text in (f"{clone.project}_postgres-data", "secrets/sage_token", "--stop", "--logs"):
        assert text in shown
    assert re.search(r"postgres-1 +Healthy.*sage-mcp-1 +Healthy", clone.first.stderr, re.DOTALL)
    assert "\x1b" not in shown + clone.first.stderr
    assert mode(clone.place / ".env") == 0o600
    assert mode(clone.place / "secrets") == 0o700
    assert clone.read("secrets/sage_token") in clone.read(".env")
    assert not (clone.place / ".venv").exists()


def test_the_line_for_the_console_prints_a_link_that_signs_in_once(clone):
    (line,) = re.findall(r"^ +console +(docker exec .+)$", clone.first.stdout, re.MULTILINE)
    link = run(*line.split()).stdout.strip()
    assert link.startswith(f"{clone.url}/sign-in?once=")
    assert [plain_http.get(link).status_code for _ in range(2)] == [303, 401]


async def test_a_client_with_the_token_saves_and_searches(clone):
    headers = {"authorization": f"Bearer {clone.read('secrets/sage_token')}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30) as http,
        Client(streamable_http_client(f"{clone.url}/mcp", http_client=http)) as client,
    ):
        pair = {"user_prompt": "Where does it land?", "assistant_response": FERRY}
        assert not (await client.call_tool("save_conversation", pair)).is_error
        found = await client.call_tool("search_memory", {"query": "ferry quay", "n": 1})
        assert [hit["content"] for hit in found.structured_content["results"]] == [FERRY]


def test_the_lines_for_clients_can_be_copied_as_they_are(clone):
    lines = {line[:18].strip(): line[18:] for line in clone.first.stdout.splitlines()}
    assert "claude mcp add --scope user --transport http" in lines["Claude Code"]
    assert 'export SAGE_TOKEN="$(cat ' in lines["Codex"]
    fetched, _, connected = lines["connect"].partition(" && ")
    assert fetched == f"curl -fsSO {clone.url}/client/sage-client.pyz"
    assert f" connect --url {clone.url} " in connected
    named = connected.partition(" --token-file ")[2]
    held = subprocess.check_output(["bash", "-c", f"cat {named}"], text=True)
    assert held == clone.read("secrets/sage_token")
    assert "keep the export in your shell's profile" in clone.first.stdout
    assert "<" not in clone.first.stdout
    command = re.search(r'--header ("Authorization: Bearer \$\(cat .*\)")', lines["Claude Code"])[1]
    header = subprocess.check_output(["bash", "-c", f"printf %s {command}"], text=True)
    assert header == f"Authorization: Bearer {clone.read('secrets/sage_token')}"


@pytest.mark.parametrize("client", ["Cursor", "Claude Desktop"])
def test_the_line_for_clients_that_start_sage_themselves_is_right(clone, client):
    (line,) = [line for line in clone.first.stdout.splitlines() if client in line]
    server = json.loads(line[line.index("{") :])["mcpServers"][clone.project]
    hello = (
        '{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": '
        '"2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}}\n'
    )
    with subprocess.Popen(
        [server["command"], *server["args"]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as spoken:
        spoken.stdin.write(hello)
        spoken.stdin.flush()
        assert '"serverInfo"' in spoken.stdout.readline()


def test_a_second_start_changes_nothing(clone):
    before = clone.containers()
    for args in ((), ("--docker", "--detach", "--port", clone.port)):
        again = clone.start(*args)
        assert again.returncode == 0, again.stderr
        assert f"{clone.url}/mcp" in again.stdout
        assert "Building" not in again.stderr
    assert clone.containers() == before
    moved = clone.start("--port", clone.port - 1)
    assert moved.returncode == 1
    assert f"is already running on port {clone.port}" in moved.stderr


def test_what_runs_is_found_without_a_flag(clone):
    status = clone.start("--status")
    assert status.returncode == 0, status.stderr
    assert f"Sage is ready: {clone.url}/mcp" in status.stdout
    assert '"listening"' in clone.start("--logs").stdout


def test_another_copy_does_not_take_the_containers_over(clone, tmp_path):
    other = clone_of_the_tree(tmp_path / "another copy")
    for args in (("--docker",), ("--docker", "--stop"), ("--docker", "--status")):
        command = (str(other / "start-sage-mcp.sh"), *args)
        refused = run(*command, env=clone.env, cwd="/", check=False)
        assert refused.returncode == 1
        assert f"belongs to the copy of Sage in {clone.place}" in refused.stderr
    assert clone.ready()
    assert not (other / "secrets").exists()


def test_stopped_and_started_again_the_memory_is_still_there(clone):
    assert clone.start("--stop").stdout == "Sage has stopped\n"
    assert not clone.ready()
    stopped = clone.start("--status")
    assert stopped.returncode == 1
    assert "not running" in stopped.stdout
    assert "not running" in clone.start("--stop").stdout
    again = clone.start("--port", clone.port)
    assert again.returncode == 0, again.stderr
    assert f"the data is in its volume {clone.project}_postgres-data" in again.stderr
    answer = plain_http.post(
        f"{clone.url}/api/v1/search",
        headers={"authorization": f"Bearer {clone.read('secrets/sage_token')}"},
        json={"query": "ferry", "n": 1},
    )
    assert [hit["content"] for hit in answer.json()["results"]] == [FERRY]


def test_a_changed_tree_is_built_again(clone):
    with (clone.place / "sage/__init__.py").open("a", encoding="utf-8") as module:
        module.write("\n")
    before = docker("inspect", "--format", "{{.Image}}", f"{clone.project}-sage-mcp-1")
    changed = clone.start()
    assert changed.returncode == 0, changed.stderr
    assert "Building" in changed.stderr
    assert docker("inspect", "--format", "{{.Image}}", f"{clone.project}-sage-mcp-1") != before
    assert clone.ready()


def test_a_wrong_setting_ends_the_start_with_the_words_of_the_container(clone):
    refused = clone.start(SAGE_LOG_LEVEL="LOUD", SAGE_MAX_OUTPUT_TOKENS="3000")
    assert refused.returncode == 78
    assert "The end of the log of sage-mcp:" in refused.stderr
    assert "SAGE_LOG_LEVEL" in refused.stderr
    assert "SAGE_MAX_OUTPUT_TOKENS warning" in refused.stderr
    assert inspect(f"{clone.project}-sage-mcp-1")["State"]["Status"] == "exited"
    assert clone.start("--port", clone.port).returncode == 0


def test_lost_secrets_are_told_before_anything_is_begun(clone):
    assert clone.start("--stop").returncode == 0
    (clone.place / "secrets").rename(clone.place / "put aside")
    refused = clone.start("--docker", "--port", clone.port)
    assert refused.returncode == 1
    assert f"volume {clone.project}_postgres-data holds a database" in refused.stderr
    assert not (clone.place / "secrets").exists()
