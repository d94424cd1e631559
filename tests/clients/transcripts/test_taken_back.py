"""What a user took back is replaced by what he wrote instead, wherever reading stopped before."""

import json
from uuid import uuid4

from sage.clients.importing.selection import Selection
from sage.clients.importing.sources import sources_at
from sage.clients.transcripts.reading import Position, read_turns
from sage.clients.transcripts.turns import memory_id, records_of
from sage.domain.agent_turns import SessionMessage, remarks_among
from tests.clients.transcripts.taken_back import (
    RIGHT,
    TAKEN_BACK,
    WRONG,
    claude,
    codex,
    codex_meta,
    copilot,
    gemini,
    qwen,
    write,
)
from tests.support.each import each


def replaced_in(turns):
    return {one.key: {key for key, _ in one.replaces} for one in turns if one.replaces}


@each("name", TAKEN_BACK)
def test_it_is_found_in_a_whole_transcript_and_in_one_that_was_read_before(name, tmp_path):
    client, lines, replaced = TAKEN_BACK[name]
    path = tmp_path / f"{name}.jsonl"
    whole, _ = read_turns(write(path, lines), client, Position(), "s")
    assert replaced_in(whole) == replaced
    for read in range(1, len(lines)):
        path.unlink()
        first, place = read_turns(write(path, lines[:read]), client, Position(), "s")
        with path.open("a") as file:  # the same file, which goes on
            file.write("".join(json.dumps(line) + "\n" for line in lines[read:]))
        assert [*first, *read_turns(path, client, place, "s")[0]] == whole, read


@each("name", TAKEN_BACK)
def test_an_importer_finds_the_same_and_branches_are_imported_as_they_are(name, tmp_path):
    client, lines, replaced = TAKEN_BACK[name]
    path = write(tmp_path / name / "a.jsonl", lines)
    (source,) = sources_at([path]).sources
    found = {str(one.memory_id): {*map(str, one.replaces)} for one in source.memories()}
    for key, keys in replaced.items():
        assert found[str(memory_id(client, key))] == {str(memory_id(client, one)) for one in keys}
    assert sum(map(bool, found.values())) == len(replaced)
    (source,) = sources_at([path], Selection(include=frozenset({"branches"}))).sources
    assert not any(one.replaces for one in source.memories())


_CALL = {"type": "response_item", "payload": {"type": "function_call", "name": "shell"}}
_REMARK = "The docs name it twice."


@each(
    ("client", "lines", "is_unfinished"),
    [
        ("claude-code", [claude("2", "1", "assistant", _REMARK)], False),
        (
            "claude-code",
            [claude("2", "1", "assistant", _REMARK), claude("3", "2", "assistant")],
            True,
        ),
        (
            "claude-code",
            [
                claude("2", "1", "assistant", _REMARK),
                claude("3", "2", "user", "[Request interrupted by user]"),
                claude("4", "3", "user", "<command-name>/exit</command-name>"),
            ],
            True,
        ),
        ("codex", [codex("2", "assistant", _REMARK)], False),
        ("codex", [codex("2", "assistant", _REMARK), _CALL], True),
    ],
)
def test_what_was_said_last_is_unfinished_where_the_agent_works_on_or_was_interrupted(
    client, lines, is_unfinished, tmp_path
):
    task = "Update the docs for egret."
    first = claude("1", None, "user", task) if client == "claude-code" else codex("1", "user", task)
    path = write(tmp_path / f"{uuid4().hex}.jsonl", [first, *lines])
    turns, _ = read_turns(path, client, Position(), "s")
    assert [one.text for one in turns] == [task, _REMARK]
    kept = [
        one["metadata"].get("unfinished", False)
        for turn in turns
        for one in records_of(client, turn, {})
    ]
    assert kept == [False, is_unfinished]


def test_a_codex_that_goes_on_in_a_new_file_takes_back_the_end_of_the_one_before(tmp_path):
    first = [codex_meta(), codex("1", "user", "Where do herons nest?")]
    taken = [codex("2", "user", WRONG), codex("3", "assistant", "COBOL.")]
    folder = tmp_path / "sessions/2026/11"
    before = write(folder / "28/rollout-2026-11-28T23-59-00-s.jsonl", first)
    base = {"thread_id": "s", "end_byte_offset": before.stat().st_size}
    write(before, [*first, *taken])
    second = [codex_meta(history_base=base), codex("4", "user", "Wrong again.")]
    again = write(folder / "29/rollout-2026-11-29T00-01-00-s_b.jsonl", second)
    base = {"thread_id": "b", "end_byte_offset": len(again.read_text().splitlines()[0]) + 1}
    third = [codex_meta(history_base=base), codex("5", "user", RIGHT)]
    path = write(folder / "29/rollout-2026-11-29T00-02-00-s_c.jsonl", third)
    turns, _ = read_turns(path, "codex", Position(), "s")
    assert replaced_in(turns) == {"5": {"2", "3", "4"}}
    assert replaced_in(read_turns(again, "codex", Position(), "s")[0]) == {"4": {"2", "3"}}
    (source,) = sources_at([tmp_path]).sources
    replaces = [{*one.replaces} for one in source.memories() if one.replaces]
    assert replaces[1] == {memory_id("codex", key) for key in "234"}


def test_texts_of_one_turn_name_it_and_a_command_begins_one(tmp_path):
    lines = [
        claude("1", None, "user", "Find out why it fails."),
        claude("2", "1", "assistant", "Step 1."),
        claude("3", "2", "assistant"),
        claude("4", "3", "assistant", "It is flaky."),
        claude("5", "4", "user", "<command-name>/review</command-name>"),
        claude("6", "5", "user", "Review it.", isMeta=True),
        claude("7", "6", "assistant", "All is well."),
    ]
    turns, _ = read_turns(write(tmp_path / "a.jsonl", lines), "claude-code", Position())
    assert [(one.key, one.turn) for one in turns] == [
        *(("1", "1"), ("2", "1"), ("4", "1"), ("7", "5")),
    ]


def test_what_the_user_writes_while_the_agent_is_at_work_is_of_the_turn_that_goes_on(tmp_path):
    def queued(key, parent, text, **more):
        told = {"type": "queued_command", "prompt": text, "commandMode": "prompt", **more}
        return claude(key, parent, "attachment", attachment=told)

    at_work = {
        "claude-code": [
            claude("1", None, "user", "Look at the gateway."),
            claude("2", "1", "assistant", "Step 1."),
            claude("3", "2", "user", "", toolUseResult="x"),
            queued("4", "3", RIGHT),
            queued("5", "4", "A task has ended.", commandMode="task-notification"),
            queued("6", "5", "I am another agent.", origin={"kind": "peer"}),
            queued("7", "6", "A hint.", isMeta=True),
            queued("8", "7", [{"type": "text", "text": "In Ulm."}], origin={"kind": "human"}),
            claude("9", "8", "assistant", "Step 2."),
            claude("10", "9", "assistant", "It is well."),
        ],
        "qwen-code": [
            qwen("1", None, "user", "Look at the gateway."),
            qwen("2", "1", "assistant", "Step 1."),
            qwen("4", "2", "user", RIGHT, subtype="mid_turn_user_message"),
            qwen("5", "4", "user", "It is noon.", subtype="cron"),
            qwen("8", "5", "user", "In Ulm.", subtype="mid_turn_user_message"),
            qwen("9", "8", "assistant", "Step 2."),
            qwen("10", "9", "assistant", "It is well."),
        ],
    }
    for client, lines in at_work.items():
        path = write(tmp_path / f"{client}.jsonl", lines)
        turns, _ = read_turns(path, client, Position())
        assert [one.key for one in turns] == ["1", "2", "4", "8", "9", "10"], client
        assert [one.text for one in turns if one.role == "user"][1:] == [RIGHT, "In Ulm."]
        assert {one.turn for one in turns} == {"1"}
        (source,) = sources_at([path]).sources
        kept = [SessionMessage(one.message.role, one.metadata) for one in source.memories()]
        assert remarks_among(kept) == [False, True, False, False, True, False]


_IMAGES = {
    "claude-code": ({"type": "image", "source": {}}, claude, "content"),
    "qwen-code": ({"inlineData": {"data": ""}}, qwen, "parts"),
}


@each("client", _IMAGES)
def test_a_prompt_with_only_an_image_begins_a_turn_and_is_taken_back_with_its_answer(
    client, tmp_path
):
    image, line, blocks = _IMAGES[client]
    shown = line("3", "2", "user", "x")
    shown["message"][blocks] = [image]
    lines = [
        line("1", None, "user", "Where do herons nest?"),
        line("2", "1", "assistant", "By the mill."),
        shown,
        line("4", "3", "assistant", "The picture shows an egret."),
    ]
    back = [line("5", "2", "system", subtype="rewind")] if client == "qwen-code" else []
    back.append(line("6", "5" if back else "2", "user", RIGHT))
    path = write(tmp_path / f"{client}.jsonl", [*lines, *back])
    turns, _ = read_turns(path, client, Position())
    assert [(one.key, one.turn) for one in turns] == [
        ("1", "1"),
        ("2", "1"),
        ("4", "3"),
        ("6", "6"),
    ]
    assert replaced_in(turns) == {"6": {"4"}}
    (source,) = sources_at([path]).sources
    assert sum(bool(one.replaces) for one in source.memories()) == 1


def test_a_prompt_with_only_an_image_begins_a_turn_of_other_clients_too(tmp_path):
    shown = {
        "codex": codex("3", "user", ""),
        "gemini-cli": gemini("3", "user", ""),
        "copilot": copilot("3", "user.message", ""),
    }
    shown["codex"]["payload"]["content"] = [{"type": "input_image", "image_url": "data:"}]
    shown["gemini-cli"]["content"] = [{"inlineData": {"data": ""}}]
    shown["copilot"]["data"]["attachments"] = [{"type": "file", "path": "/a.png"}]
    texts = {
        "codex": [codex("1", "user", "Hello."), codex("2", "assistant", "Hello, too.")],
        "gemini-cli": [gemini("1", "user", "Hello."), gemini("2", "gemini", "Hello, too.")],
        "copilot": [
            copilot("1", "user.message", "Hello."),
            copilot("2", "assistant.message", "Hello, too."),
        ],
    }
    answer = {
        "codex": codex("4", "assistant", "An egret."),
        "gemini-cli": gemini("4", "gemini", "An egret."),
        "copilot": copilot("4", "assistant.message", "An egret."),
    }
    for client, image in shown.items():
        path = write(tmp_path / f"{client}.jsonl", [*texts[client], image, answer[client]])
        turns, _ = read_turns(path, client, Position(), "s")
        assert [one.turn for one in turns] == ["1", "1", "3"], client
