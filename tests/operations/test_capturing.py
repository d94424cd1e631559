"""What `GET /api/v1/capture` answers of what hooks have recorded in the data directory."""

import time

from sage.clients.hooks.capture import status
from sage.clients.hooks.pausing import pause
from sage.clients.hooks.state_files import state_path, write_json
from sage.phrases import from_json, phrase
from tests.support.asgi import app_with, caller

REASON = phrase("Sage rejected it with {status}", status=401)


def recorded(data_dir, client, **more):
    write_json(state_path(data_dir, "status", f"{client}.json"), more)


async def read(tmp_path):
    app = app_with(tmp_path)
    settings = app.state.services.settings
    app.state.services.settings = settings.model_copy(update={"data_dir": tmp_path})
    async with caller(app) as client:
        answer = await client.get("/api/v1/capture")
    assert answer.status_code == 200
    return answer.json()


async def test_each_client_tells_what_was_captured_and_what_failed_the_failing_first(tmp_path):
    data_dir, at = str(tmp_path), time.time()
    called = {"count": 2, "last_at": at, "ms": 41.5}
    recorded(data_dir, "codex", set_up_at=at)
    recorded(data_dir, "gemini-cli", hooks={"stop": called}, captured=9, last_capture=at)
    status.record_capture(data_dir, "claude-code", "", 4)
    status.record_capture(data_dir, "claude-code", "team", 3)
    status.record_failure(data_dir, "claude-code", "", REASON)
    told = await read(tmp_path)
    assert [(one["name"], one["state"]) for one in told["clients"]] == [
        ("claude-code", "failing"),
        ("gemini-cli", "working"),
        ("codex", "never_called"),
    ]
    failing, working, silent = told["clients"]
    assert (failing["title"], failing["captured"]) == ("Claude Code", 7)
    by_space = {one["space"]: one["captured"] for one in failing["by_space"]}
    assert by_space == {"default": 4, "team": 3}
    failure = failing["failing"]
    assert from_json(failure["message"], failure["phrases"]["message"]).arguments == {"status": 401}
    assert "see Sage's log" in failure["hint"]
    assert (working["failing"], working["hooks"][0]["count"]) == (None, 2)
    assert working["hooks"][0]["ms"] == 41.5
    assert (silent["hooks"], silent["last_at"]) == ([], None)
    assert silent["set_up_at"] is not None
    assert (told["waiting"], told["is_paused"], told["paused_until"]) == (0, False, None)


async def test_a_pause_says_until_when_and_nothing_recorded_is_no_error(tmp_path):
    assert (await read(tmp_path))["clients"] == []
    pause(str(tmp_path), 3600.0)
    told = await read(tmp_path)
    assert told["is_paused"] is True
    assert told["paused_until"] is not None
