"""`sage confirm`: a memory still holds, here and where it is taken to."""

import json

from tests.support.backups import ask


def test_what_is_confirmed_is_shown_taken_along_and_taken_back(
    here, on, postgres_dsn, empty_postgres_dsn, tmp_path
):
    saved = json.loads(here("save", "The gate code is 12", "Noted.", "--json").out)
    [code, noted] = saved["memory_ids"]
    told = here("confirm", code, noted[-8:])
    assert (told.code, told.out.count("still true on 20")) == (0, 2), told.err
    assert "still true on 20" in here("show", code).out
    assert here("confirm", noted, "--undo").out == f"{noted[-8:]}: no longer confirmed\n"
    assert "still true" not in here("show", noted).out
    partly = here("confirm", code, "00000000", "--json")
    assert partly.code == 1
    assert "no id begins or ends with 00000000" in partly.err
    answer = json.loads(partly.out)
    assert [one["memory_id"] for one in answer["memories"]] == [code]
    assert answer["unknown"] == ["00000000"]

    exported = here("export").out
    line = next(line for line in exported.splitlines() if code in line)
    assert json.loads(line)["confirmed_at"] == answer["memories"][0]["confirmed_at"].replace(
        "Z", "+00:00"
    )
    file = tmp_path / "memories.jsonl"
    file.write_text(exported, encoding="utf-8")
    assert on(empty_postgres_dsn, "import", file).code == 0
    assert on(empty_postgres_dsn, "export").out == exported
    here("confirm", code, "--undo")
    again = here("import", file, "--json")
    assert json.loads(again.out)["differing"] == 0
    kept = "SELECT count(*) FROM sage.memories WHERE confirmed_at IS NOT NULL"
    assert (ask(postgres_dsn, kept), ask(empty_postgres_dsn, kept)) == ([(0,)], [(1,)])


def test_a_line_with_a_confirmation_that_is_none_is_named(here, tmp_path):
    file = tmp_path / "wrong.jsonl"
    line = {"role": "user", "content": "x", "session_id": "s", "confirmed_at": "never"}
    file.write_text(json.dumps(line) + "\n", encoding="utf-8")
    refused = here("import", file)
    assert refused.code != 0
    assert "line 1.confirmed_at" in refused.err
