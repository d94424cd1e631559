"""The plugin of opencode sends what was said, run by Node in the place of opencode."""

import json
import os
import shutil
import subprocess
from uuid import uuid4

import pytest

from sage.clients.hook_entries import opencode


@pytest.fixture(autouse=True)
def node():
    """Require Node; fail on CI where there is none, skip elsewhere."""
    if shutil.which("node") is None:
        missing = "node is not installed, which runs the plugin of opencode"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)


IDLE = """
import { readFileSync, chmodSync } from "node:fs"
import { Sage } from "./plugin.mjs"
const [session, said, launcher] = process.argv.slice(2)
const data = JSON.parse(readFileSync(said))
const get = async () => ({ data: {} })
const messages = async () => ({ data })
const hooks = await Sage({ client: { session: { get, messages } }, directory: "/nowhere" })
for (const mode of [0o644, 0o755, 0o755]) {
  chmodSync(launcher, mode)
  await hooks.event({ event: { type: "session.idle", properties: { sessionID: session } } })
}
"""


class Server:
    """What the plugin is told."""

    def __init__(self, hook):
        self.hook = hook
        self.space = ""


@pytest.fixture
def idle(tmp_path):
    """End a turn three times in one opencode, the first while the launcher cannot be run."""

    def run(hooks, mark, texts):
        (plugin,) = opencode(Server(hooks.launcher))
        (tmp_path / "plugin.mjs").write_text(plugin.text)
        (tmp_path / "idle.mjs").write_text(IDLE)
        said = tmp_path / "said.json"
        parts = [[{"type": "text", "text": text}] for text in texts]
        info = {"role": "user", "time": {"created": 1_780_000_000_000}}
        messages = [
            {"info": info | {"id": f"{mark}-{number}"}, "parts": one}
            for number, one in enumerate(parts)
        ]
        said.write_text(json.dumps(messages))
        subprocess.run(["node", tmp_path / "idle.mjs", mark, said, hooks.launcher], check=True)

    return run


def test_a_long_session_is_sent_in_pieces_and_once_though_the_first_call_fails(hooks, idle):
    mark = uuid4().hex
    idle(hooks, mark, [f"{number} " + "heron " * 15_000 for number in range(52)])
    events = [json.loads(path.read_text())["messages"] for path in hooks.spooled()]
    assert len(events) == 5
    told = [one["text"].split()[0] for messages in events for one in messages]
    assert told == [*map(str, range(52))]
    assert "last_error" not in hooks.status("opencode")["hooks"]["stop"]
