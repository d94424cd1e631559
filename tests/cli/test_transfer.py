"""`sage export` and `sage import`: memories move from one database to another as lines of text."""

import io
import json
import re
import signal

import pytest

from benchmarks import corpus
from sage.clients.importing import memory_file as lines
from tests.support.backups import ask

TALK = [
    {"role": "user", "content": "哪种茶最好？\n第二行", "name": "小林"},  # noqa: RUF001
    {"role": "assistant", "content": 'Oolong 🍵, "of course" \\ it\'s\ttea.'},
    {"role": "user", "content": "Oolong"},
    {"role": "user", "content": "Oolong"},
]
METADATA = {"topic": ["茶", {"warm": True}], "price": 1.5, "none": None, "quoted": "\"'\\"}


@pytest.fixture
def on(sage, monkeypatch):
    """Run the command line on the database of a DSN."""

    def run(dsn, *argv):
        monkeypatch.setenv("DATABASE_URL", dsn)
        return sage(*argv)

    return run


@pytest.fixture
def here(on, postgres_dsn):
    return lambda *argv: on(postgres_dsn, *argv)


@pytest.fixture
def file(tmp_path):
    """Write lines to a file; those that are no text are written as JSON."""

    def write(*lines, name="memories.jsonl"):
        to = tmp_path / name
        texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        to.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8", newline="")
        return to

    return write


def said(content="green tea", **rest):
    return {"role": "user", "content": content, "session_id": "tea", **rest}


def imported(outcome):
    assert outcome.code == 0, outcome.err
    answer = json.loads(outcome.out)
    del answer["import_id"]
    return answer


def test_what_is_exported_and_imported_elsewhere_is_the_same_in_everything_but_vectors(
    here, on, postgres_dsn, empty_postgres_dsn, tmp_path
):
    talk = tmp_path / "talk.json"
    talk.write_text(json.dumps(TALK))
    assert (
        here("save", "--file", talk, "--session", "茶", "--metadata", json.dumps(METADATA)).code
        == 0
    )
    assert here("save", "Where is the key?", "Under the pot.", "--session", "another").code == 0
    exported = here("export")
    assert exported.code == 0, exported.err
    assert "哪种茶最好" in exported.out
    assert len(exported.out.splitlines()) == 6
    file = tmp_path / "memories.jsonl"
    file.write_text(exported.out, encoding="utf-8")

    outcome = on(empty_postgres_dsn, "import", file, "--json")
    assert imported(outcome) == {"added": 6, "there": 0, "differing": 0}
    assert on(empty_postgres_dsn, "export").out == exported.out
    everything = """
        SELECT space_id, memory_id, session_id, role, name, content, created_at, metadata, lexemes
        FROM sage.memories ORDER BY memory_id
    """
    assert ask(empty_postgres_dsn, everything) == ask(postgres_dsn, everything)
    in_order = "SELECT memory_id FROM sage.memories ORDER BY session_id, created_at, arrival"
    assert ask(empty_postgres_dsn, in_order) == ask(postgres_dsn, in_order)
    assert "Under the pot" in on(empty_postgres_dsn, "search", "pot").out
    assert ask(empty_postgres_dsn, "SELECT count(*) FROM sage.memories"
        " LEFT JOIN sage.embedding_queue USING (space_id, memory_id)"
        " LEFT JOIN sage.embeddings USING (space_id, memory_id)"
        " WHERE due_at IS NULL AND embedding IS NULL") == [(0,)]  # fmt: skip


def test_the_same_file_adds_nothing_a_second_time_and_says_so(here, file, postgres_dsn):
    lines = file(said("one"), said("two", metadata={"n": 1}), said("one"))
    first = here("import", lines)
    assert (first.code, "imported 3 memories" in first.out) == (0, True)
    second = here("import", lines)
    assert (second.code, second.out) == (0, "nothing to import: 3 memories already exist\n")
    assert ask(postgres_dsn, "SELECT count(*) FROM sage.embedding_queue") == [(3,)]


def test_a_file_that_has_grown_adds_what_is_new(here, file):
    assert here("import", file(said("one"), said("two"))).code == 0
    outcome = here("import", file(said("one"), said("two"), said("one"), said("three")), "--json")
    assert imported(outcome) == {"added": 2, "there": 2, "differing": 0}


def test_what_is_kept_stays_as_it_is_when_a_file_says_something_else(here, file):
    own = {"memory_id": "0197f3c2-0000-7000-8000-000000000000"}
    assert here("import", file(said("first", **own))).code == 0
    outcome = here("import", file(said("second", **own)))
    assert "1 of them differs in the file" in outcome.out
    assert json.loads(here("export").out)["content"] == "first"


def test_what_is_forgotten_is_not_exported_and_not_brought_back(here, file):
    lines = file(said("tea"), said("coffee", session_id="coffee"))
    assert here("import", lines).code == 0
    assert here("forget", "--session", "coffee", "--yes").code == 0
    assert [json.loads(line)["content"] for line in here("export").out.splitlines()] == ["tea"]
    assert here("import", lines, "--json").code == 0
    assert len(here("export").out.splitlines()) == 1


def test_a_plain_chat_is_imported_in_its_order_and_may_be_sent_again(here, monkeypatch):
    text = "\ufeff" + "\n\n".join(json.dumps(turn) for turn in TALK) + "\r\n"

    def come_in():
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    come_in()
    outcome = here("import", "-", "--session", "chat", "--json")
    assert imported(outcome)["added"] == 4
    come_in()
    assert imported(here("import", "-", "--session", "chat", "--json"))["there"] == 4
    kept = [json.loads(line) for line in here("export").out.splitlines()]
    assert [one["content"] for one in kept] == [turn["content"] for turn in TALK]
    assert {one["session_id"] for one in kept} == {"chat"}


def test_spaces_are_kept_apart_exported_alone_and_put_elsewhere(here, file):
    assert here("import", file(said("mine"), said("yours", space="second"))).code == 0
    alone = here("export", "--space", "second")
    assert [json.loads(line)["content"] for line in alone.out.splitlines()] == ["yours"]
    assert imported(here("import", file(alone.out.strip()), "--space", "third", "--json"))["added"]
    assert len(here("export", "--space", "third").out.splitlines()) == 1
    assert len(here("export").out.splitlines()) == 3


def test_an_export_of_nothing_says_so(here):
    assert here("space", "create", "empty").code == 0
    outcome = here("export", "--space", "empty")
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err.endswith("no memories in the space 'empty'\n")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("tea", "line 2 is not JSON"),
        ("[" * 5_000, "line 2 "),
        ("[1]", "line 2 is not a JSON object"),
        (said(text="x"), "line 2 has an unknown key 'text'"),
        ({"content": "x", "session_id": "a"}, "line 2.role must be a string"),
        (said(role="bard"), "line 2.role: "),
        ({"role": "user", "session_id": "a"}, "line 2.content must be a string"),
        (said(" "), "line 2.content is empty"),
        (said("a\0b"), "line 2.content contains a NUL character"),
        (said("\ud800"), "line 2.content contains an unpaired surrogate"),
        (said("x" * 100_001), "line 2.content has 100,001 characters"),
        (said(name=3), "line 2.name must be a string"),
        (said(created_at="soon"), "line 2.created_at is not a date"),
        (said(created_at=3), "line 2.created_at is not a date"),
        (said(memory_id="seven"), "line 2.memory_id is not a memory id"),
        (said(space=" "), "line 2.space is empty"),
        (said(metadata=[1]), "line 2.metadata must be a JSON object"),
        (said(metadata={"a": "\0"}), "line 2.metadata contains a NUL"),
        (said(metadata={"a": float("nan")}), "line 2.metadata contains NaN"),
        (said(metadata={"a": "x" * 17_000}), "line 2.metadata takes"),
        ({"role": "user", "content": "x"}, "line 2.session_id is missing"),
        (said(session_id="x" * 201), "line 2.session_id has 201 characters"),
        (said(session_id=7), "line 2.session_id must be a string"),
    ],
    ids=lambda given: given if isinstance(given, str) and given.startswith("line") else "",
)
def test_one_line_that_cannot_be_kept_is_named_and_nothing_is_imported(here, file, line, words):
    outcome = here("import", file(said("before"), line, said("after")))
    assert outcome.code == 2
    assert words in outcome.err
    assert "1 invalid line; nothing was imported" in outcome.err
    assert "fix:" in outcome.err
    assert here("export").out == ""


def test_many_broken_lines_are_counted_and_the_first_ten_told(here, file):
    outcome = here("import", file(*["tea"] * 12))
    assert len(re.findall(r"^line \d+ ", outcome.err, re.MULTILINE)) == 10
    assert "12 invalid lines" in outcome.err


def test_a_file_without_an_end_of_a_line_is_refused_before_it_fills_the_memory(
    here, file, monkeypatch
):
    monkeypatch.setattr(lines, "_MAX_LINE_BYTES", 1_000)
    outcome = here("import", file(said("x" * 1_000)))
    assert outcome.code == 2
    assert "line 1 is longer than 1,000 bytes" in outcome.err


@pytest.mark.parametrize(
    "argv",
    [
        ("import",),
        ("import", "missing.jsonl"),
        ("import", "."),
        ("import", "missing.jsonl", "--space", " "),
        ("export", "--space", "\0"),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage(here, argv):
    outcome = here(*argv)
    assert outcome.code == 2
    assert outcome.err


def test_an_import_killed_in_the_middle_is_done_again_and_ends_whole(
    here, file, launch, postgres_dsn
):
    """Memories go in by the batch: some are in when it is killed, and never a part of a batch."""
    count = 9_000
    turns = (corpus.memory(number) for number in range(count))
    written = file(*(said(turn.content, session_id=f"s{n // 20}") for n, turn in enumerate(turns)))
    count_kept = "SELECT count(*) FROM sage.memories"
    assert here("migrate").code == 0
    process = launch("import", written, cwd="/")
    while ask(postgres_dsn, count_kept) == [(0,)]:
        assert process.poll() is None, process.communicate()
    process.send_signal(signal.SIGKILL)
    process.wait(20)
    ((kept,),) = ask(postgres_dsn, count_kept)
    assert kept % 2_000 == 0
    assert 0 < kept < count
    outcome = imported(here("import", written, "--json"))
    assert outcome["added"] + outcome["there"] == count
    assert outcome["there"] >= kept
    assert ask(postgres_dsn, count_kept) == [(count,)]
    assert ask(postgres_dsn, "SELECT count(*) FROM sage.embedding_queue") == [(count,)]
    contents = "SELECT content FROM sage.memories ORDER BY arrival"
    assert ask(postgres_dsn, contents) == [(corpus.memory(n).content,) for n in range(count)]


def test_ctrl_c_says_how_to_go_on(here, file, launch, postgres_dsn):
    written = file(*(said(f"cup {number}") for number in range(9_000)))
    assert here("migrate").code == 0
    process = launch("import", written, cwd="/")
    while ask(postgres_dsn, "SELECT count(*) FROM sage.memories") == [(0,)]:
        assert process.poll() is None, process.communicate()
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "run it again to continue" in told.decode()


def test_what_was_imported_is_embedded_by_reembed(here, postgres_dsn, file):
    outcome = here("import", file(said("Where is the key?"), said("Under the pot.")))
    assert outcome.code == 0
    assert "sage reembed" in outcome.out
    moved = here("reembed", "--yes")
    assert moved.code == 0, moved.err
    assert "embedded 2 memories" in moved.out
    assert "answers now" not in moved.out
    assert ask(postgres_dsn, "SELECT count(*) FROM sage.embedding_queue") == [(0,)]
    assert ask(postgres_dsn, "SELECT count(*) FROM sage.embeddings") == [(2,)]
    assert "nothing to embed" in here("reembed", "--yes").out
