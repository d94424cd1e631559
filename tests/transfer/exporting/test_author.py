"""`sage export --author` writes all that somebody saved, for the person concerned."""

import json

import pytest


@pytest.fixture
def anna(sage, filled):
    """Forget one memory of anna's."""
    assert sage("forget", str(filled["team"][3]), "--space", "team", "--yes").code == 0
    return filled


def test_it_is_complete_and_marks_what_is_forgotten(sage, anna):
    lines = [json.loads(line) for line in sage("export", "--author", "anna").out.splitlines()]
    assert {one["memory_id"] for one in lines} == {
        str(ids[number]) for ids in anna.values() for number in (1, 3, 5)
    }
    assert {one["author"] for one in lines} == {"anna"}
    marked = [one["memory_id"] for one in lines if "forgotten_at" in one]
    assert marked == [str(anna["team"][3])]
    alone = sage("export", "--author", "anna", "--space", "default").out.splitlines()
    assert len(alone) == 3


@pytest.mark.usefixtures("anna")
def test_it_is_written_to_read_too(sage, tmp_path):
    assert sage("export", "--author", "anna", "--markdown", tmp_path / "anna").code == 0
    text = "".join(path.read_text() for path in (tmp_path / "anna").iterdir())
    assert text.count("nests by the mill") == 6
    assert text.count("(forgotten)") == 1


@pytest.mark.usefixtures("anna")
def test_an_import_passes_over_what_was_forgotten(sage, tmp_path):
    (tmp_path / "anna.jsonl").write_text(sage("export", "--author", "anna").out)
    assert sage("space", "create", "copy").code == 0
    into = ("import", tmp_path / "anna.jsonl", "--space", "copy", "--json")
    assert sage(*into).answer["added"] == 5


@pytest.mark.usefixtures("anna")
def test_other_exports_hold_nothing_forgotten(sage):
    assert len(sage("export").out.splitlines()) == 11
    outcome = sage("export", "--author", "nobody")
    assert (outcome.code, outcome.out) == (0, "")
    assert "no memories of 'nobody'" in outcome.err
