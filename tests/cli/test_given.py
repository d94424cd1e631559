"""`sage given`: what was handed out, and what of it was not useful."""

import json

from tests.support.backups import ask

SESSION = "codex:0197f3c2-5b1e-7000-8000-9f3c2d1e4a5b"


def test_what_was_handed_out_is_listed_marked_and_that_taken_back(here, postgres_dsn):
    saved = json.loads(
        here("save", "The gate code is 12", "Noted.", "--session", SESSION, "--json").out
    )
    code = saved["memory_ids"][0]
    assert here("given").err.endswith("no memories were given to sessions\n")
    ask(
        postgres_dsn,
        "INSERT INTO sage.recalls VALUES ('default', $1, now(), 'prompt', $2, '/srv',"
        " 'codex', NULL, 'strong', '{1,2}')",
        code,
        SESSION,
    )
    ask(
        postgres_dsn,
        "INSERT INTO sage.recalled_memories VALUES ('default', $1, $1, 0, 0.7)",
        code,
    )
    told = here("given", SESSION).out
    for part in ("before a prompt", "codex", "strong", code[-8:], "0.7", "The gate code is 12"):
        assert part in told
    assert here("given", SESSION[-8:]).out == told
    assert here("given", "codex:other").out == ""
    marked = here("given", "--not-useful", code[-8:], "00000000")
    assert (marked.code, marked.out) == (1, f"{code[-8:]}: not useful\n")
    assert "the recall log does not contain 00000000" in marked.err
    assert json.loads(here("given", "--json").out)["given"][0]["memories"][0]["not_useful_at"]
    assert here("given", "--useful", code).out == f"{code[-8:]}: no longer marked\n"
    gone = here("given", "--useful", code, "--json")
    assert (gone.code, json.loads(gone.out)["marks"]) == (1, [])
    refused = here("given", SESSION, "--useful", code)
    assert refused.code == 2
    assert "cannot be combined" in refused.err
