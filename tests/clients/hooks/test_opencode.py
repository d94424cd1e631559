"""The plugin of opencode sends what was said, run by Node in the place of opencode."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from uuid import uuid4

import pytest

from sage.clients.connect.hook_entries import opencode
from tests.support.polling import wait_for


@pytest.fixture(autouse=True)
def node():
    """Require Node; fail on CI where there is none, skip elsewhere."""
    if shutil.which("node") is None:
        missing = "node is not installed, which runs the plugin of opencode"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)


OPENCODE = """
export async function opencode(Sage, session) {
  let kept = []
  const get = async () => ({ data: {} })
  const messages = async () => ({ data: [] })
  const hooks = await Sage({ client: { session: { get, messages } }, directory: "/nowhere" })
  const on = (type, more) =>
    hooks.event({ event: { type, properties: { sessionID: session, ...more } } })
  await hooks["chat.message"]({ sessionID: session }, { message: { id: "first" }, parts: [] })
  return {
    dispose: hooks.dispose,
    said(state) {
      const ids = state.map(({ info }) => info.id)
      for (const messageID of kept.filter((id) => !ids.includes(id))) {
        on("message.removed", { messageID })
      }
      for (const { info, parts } of state.filter(({ info }) => !kept.includes(info.id))) {
        on("message.updated", { info })
        const of = { messageID: info.id, id: "p" }
        for (const part of parts) on("message.part.updated", { part: { ...part, ...of } })
      }
      kept = ids
    },
    idle: () => on("session.idle", {}),
  }
}
"""
IDLE = """
import { readFileSync, chmodSync } from "node:fs"
import { opencode } from "./opencode.mjs"
import { Sage } from "./plugin.mjs"
const [session, said, launcher] = process.argv.slice(2)
const one = await opencode(Sage, session)
for (const state of JSON.parse(readFileSync(said))) {
  one.said(state)
  for (const mode of [0o644, 0o755, 0o755]) {
    chmodSync(launcher, mode)
    await one.idle()
    await one.dispose()
  }
}
"""
ENDING = """
import { readFileSync } from "node:fs"
import { opencode } from "./opencode.mjs"
import { Sage } from "./plugin.mjs"
const [session, said] = process.argv.slice(2)
const one = await opencode(Sage, session)
one.said(JSON.parse(readFileSync(said)).at(-1))
one.idle()
process.exit()
"""


class Server:
    """What the plugin is told."""

    def __init__(self, hook):
        self.hook = hook
        self.space = ""


@pytest.fixture
def idle(tmp_path):
    """End turns of one opencode, three times each, the first while the launcher cannot be run.

    What its session holds is told as ids, roles and texts. `script` is what opencode does.
    """

    def run(hooks, mark, *states, script=IDLE):
        (plugin,) = opencode(Server((str(hooks.launcher),)))
        (tmp_path / "plugin.mjs").write_text(plugin.text)
        (tmp_path / "opencode.mjs").write_text(OPENCODE)
        (tmp_path / "idle.mjs").write_text(script)
        said = tmp_path / "said.json"
        messages = [
            [
                {
                    "info": {
                        "id": f"{mark}-{key}",
                        "role": role,
                        "time": {"created": 1_780_000_000_000},
                    },
                    "parts": [{"type": "text", "text": text}],
                }
                for key, role, text in state
            ]
            for state in states
        ]
        said.write_text(json.dumps(messages))
        subprocess.run(["node", tmp_path / "idle.mjs", mark, said, hooks.launcher], check=True)

    return run


def stops(hooks):
    """Return the messages of each event of an end that waits."""
    events = [json.loads(path.read_text()) for path in hooks.spooled()]
    return [one["messages"] for one in events if one["event"] == "stop"]


def test_a_turn_is_kept_though_opencode_ends_with_it_and_the_hook_is_slow(hooks, idle):
    real = Path(f"{hooks.launcher}.real")
    Path(hooks.launcher).rename(real)
    # It has no parent but init if opencode ended before it began.
    waits = 'turns=40; while [ $((turns -= 1)) -gt 0 ] && kill -0 "$opencode" 2>/dev/null'
    slow = f'[ "$1" != stop ] || {{ {waits}; do sleep 0.05; done; }}'
    Path(hooks.launcher).write_text(f'#!/bin/sh\nopencode=$PPID\n{slow}\nexec "{real}" "$@"\n')
    Path(hooks.launcher).chmod(0o755)
    said = "heron " * 75_000
    idle(hooks, "m", [(1, "user", said), (2, "assistant", "By the mill.")], script=ENDING)
    wait_for(lambda: stops(hooks))
    assert [[one["id"] for one in told] for told in stops(hooks)] == [["m-1", "m-2"]]


def test_a_long_session_is_sent_in_pieces_and_once_though_the_first_call_fails(hooks, idle):
    mark = uuid4().hex
    idle(hooks, mark, [(n, "user", f"{n} " + "heron " * 15_000) for n in range(52)])
    events = stops(hooks)
    assert len(events) == 5
    told = [one["text"].split()[0] for messages in events for one in messages]
    assert told == [*map(str, range(52))]
    assert "last_error" not in hooks.status("opencode")["hooks"]["stop"]


def test_what_a_hook_says_nothing_to_is_told_again_and_what_it_took_is_not(hooks, idle, tmp_path):
    told = tmp_path / "told"
    silent_once = f'echo "$(cat)" >> "{told}"; [ "$(grep -c . "{told}")" = 1 ] || echo done'
    silent_once = f'[ "$1" != stop ] || {{ {silent_once}; }}'
    Path(hooks.launcher).write_text(f"#!/bin/sh\n{silent_once}\n")
    idle(hooks, "m", [(1, "user", "Where do herons nest?")])
    events = [json.loads(line)["messages"] for line in told.read_text().splitlines()]
    assert [[one["id"] for one in messages] for messages in events] == [["m-1"], ["m-1"]]


def test_what_was_undone_is_replaced_by_what_was_written_instead_once(hooks, idle):
    mark = uuid4().hex
    kept = [(1, "user", "Where do herons nest?"), (2, "assistant", "By the mill.")]
    undone = [(3, "user", "Wrong: theta is in COBOL."), (4, "assistant", "Noted.")]
    instead = [(5, "user", "Theta is in Rust."), (6, "user", "And iota in Go.")]
    idle(hooks, mark, [*kept, *undone], kept, [*kept, instead[0]], [*kept, *instead])
    events = stops(hooks)
    replaced = [(one["id"], one.get("replaces")) for messages in events for one in messages]
    assert [key for key, _ in replaced] == [f"{mark}-{number}" for number in range(1, 7)]
    assert [replaces for _, replaces in replaced if replaces] == [[f"{mark}-3", f"{mark}-4"]]


FORKED = """
import { readFileSync } from "node:fs"
import { Sage } from "./plugin.mjs"
const sessions = JSON.parse(readFileSync(process.argv[2]))
const of = ({ path }) => sessions.find(({ id }) => id === path.id)
const get = async (asked) => ({ data: of(asked) })
const messages = async (asked) => ({ data: of(asked).messages })
const list = async () => ({ data: sessions })
const session = { get, messages, list }
const hooks = await Sage({ client: { session }, directory: "/nowhere" })
for (const { id, messages } of sessions) {
  const message = messages.at(-1)
  await hooks["chat.message"]({ sessionID: id }, { message: message.info, parts: message.parts })
  const on = (type, properties) => hooks.event({ event: { type, properties } })
  on("message.updated", { info: { ...message.info, sessionID: id } })
  for (const part of message.parts) {
    on("message.part.updated", { part: { ...part, sessionID: id } })
  }
  on("session.idle", { sessionID: id })
  await hooks.dispose()
}
"""


def session(mark, title, created, *said, **more):
    """Return a session of opencode; `said` are the times of its messages."""
    messages = [
        {
            "info": {"id": f"{mark}-{at}", "role": "user", "time": {"created": at}},
            "parts": [
                {
                    "id": "p",
                    "messageID": f"{mark}-{at}",
                    "type": "text",
                    "text": f"{mark}: where do herons nest, {at}?",
                }
            ],
        }
        for at in said
    ]
    return {"id": mark, "title": title, "time": {"created": created}, "messages": messages, **more}


def test_a_fork_sends_none_of_its_copies_and_names_the_session_it_was_forked_from(hooks, tmp_path):
    sessions = [
        session("first", "Herons", 1, 2, 3),
        session("alike", "Herons", 1, 7),
        session("fork", "Herons (fork #1)", 10, 2, 3, 11),
        session("fork-of-fork", "Herons (fork #2)", 20, 2, 3, 11, 21),
        session("renamed", "Egrets", 30, 2, 3, 31),
        session("delegated", "Herons", 40, 41, parentID="first"),
    ]
    (plugin,) = opencode(Server((str(hooks.launcher),)))
    (tmp_path / "plugin.mjs").write_text(plugin.text)
    (tmp_path / "forked.mjs").write_text(FORKED)
    (tmp_path / "sessions.json").write_text(json.dumps(sessions))
    told = tmp_path / "told"
    log = f'#!/bin/sh\necho "$1 $(cat)" >> "{told}"; [ "$1" != stop ] || echo done\n'
    Path(hooks.launcher).write_text(log)
    subprocess.run(["node", tmp_path / "forked.mjs", tmp_path / "sessions.json"], check=True)
    events = [line.partition(" ")[::2] for line in told.read_text().splitlines()]
    by_name = {"start": [], "prompt": [], "stop": []}
    for event, payload in events:
        by_name[event].append(json.loads(payload))
    began = {one["session_id"]: (one["source"], one.get("forked_from")) for one in by_name["start"]}
    assert began == {
        "first": ("resume", None),
        "alike": ("startup", None),
        "fork": ("fork", "first"),
        "fork-of-fork": ("fork", "fork"),
        "renamed": ("fork", None),
    }
    assert [one["id"] for stop in by_name["stop"] for one in stop["messages"]] == [
        *("first-2", "first-3", "alike-7", "fork-11", "fork-of-fork-21", "renamed-31"),
    ]
