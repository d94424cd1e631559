"""Facts that are corrected from the command line, and what replaces what on its way in files."""

import json
from uuid import uuid4


def said(content, **rest):
    return {"role": "user", "content": content, "session_id": "tea", **rest}


def test_a_corrected_fact_is_shown_and_the_old_one_only_when_asked_for(kept, session):
    old = json.loads(
        kept("save", "The cellar code is 12", "Noted.", "--session", session, "--json").out
    )
    corrected = ("save", "The cellar code is 34", "Noted: 34.", "--session", session)
    assert kept(*corrected, "--replaces", *old["memory_ids"]).code == 0
    asked = ("search", "cellar code", "--session", session, "--min-relevance", "none")
    assert "is 12" not in kept(*asked).out
    shown = kept(*asked, "--include-superseded").out
    assert "is 12" in shown
    assert shown.count("superseded") == 1
    assert "replaced by a later memory at 20" in kept("show", old["memory_ids"][0]).out
    refused = kept(*corrected, "--replaces", "00000000-0000-0000-0000-000000000000")
    assert refused.code != 0
    assert "does not exist" in refused.err


def test_what_replaces_what_goes_along_in_whatever_order_it_comes(
    on, postgres_dsn, empty_postgres_dsn, tmp_path
):
    old, new = str(uuid4()), str(uuid4())
    lines = (
        said("the kettle is blue", memory_id=new, replaces=[old]),
        said("the kettle is red", memory_id=old),
    )
    given = tmp_path / "given.jsonl"
    given.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")

    def found(dsn, *more):
        asked = ("search", "kettle", "--min-relevance", "none", "--json", *more)
        results = json.loads(on(dsn, *asked).out)["results"]
        return {hit["memory_id"]: "superseded_at" in hit for hit in results}

    assert on(postgres_dsn, "import", given).code == 0
    assert found(postgres_dsn) == {new: False}
    exported = tmp_path / "exported.jsonl"
    exported.write_text(on(postgres_dsn, "export").out, encoding="utf-8")
    assert on(empty_postgres_dsn, "import", exported).code == 0
    assert found(empty_postgres_dsn, "--include-superseded") == {new: False, old: True}
    assert on(empty_postgres_dsn, "forget", new).code == 0
    assert found(empty_postgres_dsn) == {old: False}


def test_a_list_of_what_is_replaced_that_is_no_list_of_ids_is_refused(here, tmp_path):
    given = tmp_path / "given.jsonl"
    given.write_text(json.dumps(said("tea", replaces="all of it")), encoding="utf-8")
    outcome = here("import", given)
    assert outcome.code != 0
    assert "line 1.replaces" in outcome.err
