"""What `GET /api/v1/clients` says of each AI client: what connects it, and when it was heard of."""

import json
import tomllib
from base64 import b64decode
from urllib.parse import parse_qs, urlsplit

import pytest

from sage.clients.connect.catalog import CLIENTS
from sage.domain.caller import OWNER_BY_TOKEN, Principal
from sage.service.seen_clients import FILE, SeenClients, client_of
from tests.support.asgi import app_with, caller
from tests.support.each import each

TOKEN = "a-token-of-at-least-32-characters!"
SHOWN = {"authorization": f"Bearer {TOKEN}"}


async def listed(tmp_path, headers=SHOWN, **server):
    app = app_with(tmp_path, **server)
    app.state.services.settings = app.state.settings
    async with caller(app, headers=headers) as client:
        answer = await client.get("/api/v1/clients")
    assert answer.status_code == 200
    told = answer.json()
    return told, {one["name"]: one for one in told["clients"]}


async def test_each_client_is_told_with_what_would_stand_in_its_file(tmp_path):
    told, clients = await listed(tmp_path, token=TOKEN, public_url="https://memory.example.org/s")
    url = "https://memory.example.org/s/mcp"
    assert (told["mcp_url"], told["token_required"]) == (url, True)
    assert told["client_file"] == "https://memory.example.org/s/client/sage-client.pyz"
    assert [*clients] == [client.name for client in CLIENTS]
    for name, one in clients.items():
        for entry in filter(None, (one["entry"], one["entry_elsewhere"])):
            read = tomllib.loads(entry) if one["format"] == "toml" else json.loads(entry)
            assert "sage" in str(read), name
        if one["entry_elsewhere"]:
            assert url in one["entry_elsewhere"], name
        assert TOKEN not in str(one)
    code = clients["claude-code"]
    assert json.loads(code["entry"])["mcpServers"]["sage"]["url"] == url
    assert code["command"] == "sage connect claude-code --write"
    assert code["hook_command"] == "sage connect claude-code --hooks --write"
    elsewhere = "python3 sage-client.pyz connect claude-code --url https://memory.example.org/s"
    assert code["command_elsewhere"] == f"{elsewhere} --write"
    assert code["export"].startswith("export SAGE_TOKEN")
    assert tomllib.loads(clients["codex"]["entry"])["mcp_servers"]["sage"]["url"] == url
    desktop = clients["claude-desktop"]
    assert (desktop["starts_sage"], desktop["entry_elsewhere"]) == (True, None)
    assert json.loads(desktop["entry"])["mcpServers"]["sage"]["args"][0] == "mcp"
    assert clients["vscode"]["link"].startswith("vscode:mcp/install?")
    config = parse_qs(urlsplit(clients["cursor"]["link"]).query)["config"][0]
    assert json.loads(b64decode(config))["url"] == url
    assert (clients["generic"]["command"], clients["generic"]["hook_command"]) == (None, None)


async def test_without_a_public_address_it_is_the_one_that_was_called_and_no_token_is_named(
    tmp_path,
):
    told, clients = await listed(tmp_path, headers={"host": "localhost:4711"})
    assert (told["mcp_url"], told["token_required"]) == ("http://localhost:4711/mcp", False)
    assert not [name for name, one in clients.items() if "TOKEN" in one["entry"] or one["export"]]


@each(
    ("name", "client"),
    [
        ("claude-code", "claude-code"),
        ("claude-ai", "claude-desktop"),
        ("codex-mcp-client", "codex"),
        ("cursor-vscode", "cursor"),
        ("Visual Studio Code", "vscode"),
        ("gemini-cli-mcp-client", "gemini-cli"),
        ("qwen-code", "qwen-code"),
        ("opencode", "opencode"),
        ("Zed", "zed"),
        ("my own", "generic"),
    ],
)
def test_a_client_is_known_by_the_name_it_gives(name, client):
    assert client_of(name) == client


def test_a_client_is_heard_of_by_whose_token_it_was_and_by_the_server(tmp_path):
    seen = SeenClients(tmp_path)
    anna, bob = Principal(token="laptop", user="anna"), Principal(token="bob-1")
    seen.note("codex-mcp-client", anna)
    seen.note("claude-code", bob)
    later = SeenClients(tmp_path)  # a process that starts anew
    assert [*later.last_seen(anna)] == ["codex"]
    assert [*later.last_seen(bob)] == ["claude-code"]
    assert {*later.last_seen(OWNER_BY_TOKEN)} == {"codex", "claude-code"}
    assert later.last_seen(Principal(token="other")) == {}
    before = (tmp_path / FILE).stat().st_mtime_ns
    seen.note("codex-mcp-client", anna)  # within the hour
    assert (tmp_path / FILE).stat().st_mtime_ns == before
    (tmp_path / FILE).write_text('{"codex": [7], "zed": {"": "soon"}}')
    assert later.last_seen(OWNER_BY_TOKEN) == {}


@pytest.mark.parametrize("version", ["2025-11-25", "2026-07-28"])
async def test_a_call_over_mcp_is_heard(tmp_path, version, monkeypatch):
    noted = []
    monkeypatch.setattr("tests.support.asgi.StandInHeard.note", lambda _, *told: noted.append(told))
    app = app_with(tmp_path)
    info = {"name": "claude-code", "version": "2"}
    headers = {
        "accept": "application/json, text/event-stream",
        "mcp-protocol-version": version,
        "mcp-method": "tools/list",
    }
    if version == "2025-11-25":
        asked = {"protocolVersion": version, "capabilities": {}, "clientInfo": info}
        body = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": asked}
    else:
        mark = "io.modelcontextprotocol/"
        meta = {
            f"{mark}protocolVersion": version,
            f"{mark}clientInfo": info,
            f"{mark}clientCapabilities": {},
        }
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": meta}}
    async with app.state.mcp_server.session_manager.run(), caller(app, headers=headers) as client:
        answer = await client.post("/mcp", json=body)
    assert answer.status_code == 200, answer.text
    assert [name for name, _ in noted] == ["claude-code"]
