"""What a user took back is superseded by what he wrote instead, whichever event told of it."""

import json
from dataclasses import replace
from uuid import uuid4

from sage.clients.importing.sources import sources_at
from sage.clients.transcripts.reading import Position, read_turns
from sage.clients.transcripts.turns import records_of
from tests.clients.hooks.conftest import all_captured, stop
from tests.clients.transcripts.taken_back import RIGHT, WRONG, claude
from tests.support import plain_http


def found(sage_url, words, **more):
    answer = plain_http.post(f"{sage_url}/api/v1/search", json={"query": words, "n": 50, **more})
    return {one["content"] for one in answer.json()["results"] if words in one["content"]}


def append(path, mark, *lines):
    with path.open("a") as file:
        for line in lines:
            own = {name: f"{mark}{line[name]}" for name in ("uuid", "parentUuid") if line[name]}
            file.write(json.dumps(line | own | {"sessionId": mark}) + "\n")


def test_an_event_supersedes_what_earlier_ones_kept_and_an_import_adds_nothing(
    live_hooks, sage_url, tmp_path
):
    mark = uuid4().hex
    wrong, right = f"{WRONG} {mark}", f"{RIGHT} {mark}"
    path = tmp_path / f"{mark}.jsonl"
    append(path, mark, claude("1", None, "user", wrong), claude("2", "1", "assistant", f"C {mark}"))
    stop(live_hooks, path, mark)
    all_captured(live_hooks)
    assert wrong in found(sage_url, mark)
    interrupted = claude("4", "3", "user", "[Request interrupted by user]")
    append(path, mark, claude("3", None, "user", f"Wrong, too: {mark}"), interrupted)
    stop(live_hooks, path, mark, event="compact")
    all_captured(live_hooks)
    append(path, mark, claude("5", "4", "user", right), claude("6", "5", "assistant", f"R {mark}"))
    stop(live_hooks, path, mark)
    all_captured(live_hooks)
    assert found(sage_url, mark) == {right, f"R {mark}"}
    assert len(found(sage_url, mark, include_superseded=True)) == 5
    (source,) = sources_at([path]).sources
    memories = plain_http.get(f"{sage_url}/api/v1/sessions/claude-code:{mark}").json()["memories"]
    assert {str(one.memory_id) for one in source.memories()} == {
        one["memory_id"] for one in memories
    }


def test_the_next_event_supersedes_what_an_earlier_release_kept_on_both_branches(
    live_hooks, sage_url, tmp_path
):
    mark = uuid4().hex
    wrong, right = f"{WRONG} {mark}", f"{RIGHT} {mark}"
    path = tmp_path / f"{mark}.jsonl"
    append(path, mark, claude("1", None, "user", wrong), claude("2", "1", "assistant", f"C {mark}"))
    append(path, mark, claude("3", None, "user", right), claude("4", "3", "assistant", f"R {mark}"))
    turns, end = read_turns(path, "claude-code", Position())
    kept = [
        record
        for one in turns
        for record in records_of("claude-code", replace(one, replaces=()), {})
    ]
    sent = {"client": "claude-code", "memories": kept}
    plain_http.post(f"{sage_url}/api/v1/hooks/capture", json=sent).raise_for_status()
    known = {"inode": end.inode, "offset": end.offset, "client": "claude-code", "open": True}
    (live_hooks.data_dir / "hooks").mkdir(exist_ok=True)
    (live_hooks.data_dir / "hooks/transcripts.json").write_text(json.dumps({str(path): known}))
    assert {wrong, f"C {mark}"} <= found(sage_url, mark)
    for number in (5, 6):
        append(path, mark, claude(f"{number}", f"{number - 1}", "user", f"{number}: {mark}"))
        stop(live_hooks, path, mark, event="compact")
        all_captured(live_hooks)
        assert not {wrong, f"C {mark}"} & found(sage_url, mark)
        assert {wrong, right} <= found(sage_url, mark, include_superseded=True)
