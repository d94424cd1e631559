from pathlib import Path

import pytest

from sage.clients.transcripts.cleaning import spoken
from sage.clients.transcripts.reading import Position, read_turns
from sage.clients.transcripts.turns import Turn, memory_id, records_of, split_text
from tests.support.each import each

SAMPLES = Path(__file__).parents[1] / "hooks/samples"


def test_an_id_stays_the_same_in_every_release():
    # memories that were captured keep it: another one would double them
    assert str(memory_id("claude-code", "c-1")) == "d374c053-60e2-5131-af61-80130bfabd17"


def test_parts_of_a_message_have_ids_of_their_own():
    turn = Turn("k", "s", "user", "word " * 50_000)
    ids = [record["memory_id"] for record in records_of("codex", turn, {})]
    assert len({*ids}) == len(ids) == 3
    assert ids[0] == str(memory_id("codex", "k"))


@pytest.mark.parametrize(
    "text", ["a" * 25, "aaaa bbbb\ncccc dddd\n\neeee ffff", "猫" * 30, "x\n" * 20]
)
def test_a_split_loses_nothing_but_blanks_at_the_seams(text):
    parts = split_text(text, 10)
    assert all(0 < len(part) <= 10 for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@each(
    ("said", "kept"),
    [
        ("plain", "plain"),
        ("a <system-reminder>x</system-reminder> b", "a  b"),
        ("<sage-recall>without an end", ""),
        ("<SAGE-RECALL>x</SAGE-RECALL>y", "y"),
        ("<private>x</private>", ""),
        ("a <private>x", "a"),
        ('<user_input mode="act">do it</user_input>', "do it"),
        ("<command-name>/clear</command-name>", ""),
        ("what does <command-name> mean?", "what does <command-name> mean?"),
        ("a\n\n\n\n\nb", "a\n\nb"),
    ],
)
def test_only_what_was_said_is_kept(said, kept):
    assert spoken(said) == kept


def test_a_position_in_a_file_that_was_replaced_means_nothing(tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_text((SAMPLES / "codex.jsonl").read_text())
    turns, end = read_turns(path, "codex", Position(), "s")
    assert [turn.role for turn in turns] == ["user", "assistant"]
    assert read_turns(path, "codex", end, "s") == ([], end)
    path.write_text((SAMPLES / "codex.jsonl").read_text().replace("herons", "owls")[:-400])
    again, _ = read_turns(path, "codex", end, "s")
    assert again[0].text == "Where do owls nest?"
