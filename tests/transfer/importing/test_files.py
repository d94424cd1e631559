"""Files that are refused or passed over, and zips."""

from __future__ import annotations

import io
import os
import shutil
import zipfile

import pytest

from sage.clients.importing.sources import sources_at
from sage.local.data_dir.instance import Instance, RunningInstance
from tests.transfer.importing import sample_exports, sample_notes
from tests.transfer.importing.sample_files import database, write


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("index.json", '{"data_files": []}', "pass the zip archives"),
        ("Gemini/MyActivity.html", "<title>Gemini Apps</title>", "choose JSON"),
        ("cascade/1.pb", "\x01\x02", "Windsurf"),
    ],
)
def test_a_file_that_is_known_to_be_something_else_is_explained(sage, tmp_path, name, text, said):
    told = sage("import", write(tmp_path / name, text))
    assert told.code == 2
    assert said in told.err


def test_files_of_unknown_kinds_are_counted_and_named(sage, tmp_path):
    folder = tmp_path / "all"
    sample_notes.mem0(folder)
    write(folder / "unknown.json", '{"a": 1}')
    write(folder / "deep/picture.png", "x")
    told = sage("import", folder)
    assert told.code == 0
    assert "skipped: 2 files of unknown type: deep/picture.png, unknown.json" in told.err
    for number in range(8):
        write(folder / f"{number}.bin", "x")
    err = sage("import", folder).err
    assert "skipped: 10 files of unknown type: 0.bin, 1.bin, 2.bin, 3.bin, 4.bin, 5 more" in err
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as made:
        made.writestr("images/", "")
        made.writestr("images/1.png", "x")
        made.writestr("note.md", "# Tea\n\nOolong.")
    err = sage("import", tmp_path / "all.zip").err
    assert "skipped: 1 file of unknown type: images/1.png" in err


def test_empty_files_are_called_empty(sage, tmp_path):
    folder = tmp_path / "all"
    sample_notes.mem0(folder)
    write(folder / "begun.jsonl", "")
    write(folder / "blank.jsonl", "\n")
    err = sage("import", folder).err
    assert "skipped: 2 empty files: begun.jsonl, blank.jsonl" in err
    assert "unknown type" not in err


def test_a_path_with_nothing_to_import_is_named(sage, tmp_path):
    write(tmp_path / "empty/picture.png", "x")
    told = sage("import", tmp_path / "empty")
    assert told.code == 2
    assert f"{tmp_path / 'empty'}: nothing that Sage can import was found there" in told.err
    told = sage("import", tmp_path / "missing")
    assert told.code == 2
    assert f"{tmp_path / 'missing'} cannot be read: No such file" in told.err


def test_lines_of_sage_are_told_what_helps(sage, tmp_path):
    path = tmp_path / "lines.jsonl"
    path.write_bytes('{"role": "user", "content": "龙井"}'.encode("gbk"))
    assert "iconv -f GBK -t UTF-8" in sage("import", path).err
    path.write_text('{"role": "user", "content": "green tea"}')
    assert "a running Sage, or `" in sage("import", path, "--session", "s").out
    instance = Instance(tmp_path / "data")
    with instance.claim() as lock:
        instance.record(lock, RunningInstance(os.getpid(), "127.0.0.1", 1))
        assert "; the running Sage embeds them" in sage("import", path, "--session", "t").out


def test_the_vectors_of_mem0_are_never_unpickled(sage, tmp_path):
    path = database(tmp_path / "storage.sqlite", points=[{"id": "1", "point": b"\x80"}])
    told = sage("import", path)
    assert told.code == 2
    assert "get_all" in told.err


def test_files_sent_along_in_chats_are_no_notes_but_a_zip_of_notes_is(tmp_path):
    sources = sources_at([sample_exports.cherry_studio(tmp_path)]).sources
    assert [one.name for one in sources] == ["cherry-studio"]
    path = tmp_path / "notes.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("note.md", "# Tea\n\nOolong.")
    (source,) = sources_at([path]).sources
    assert [one.message.content for one in source.memories()] == ["# Tea\n\nOolong."]


def test_links_in_folders_are_not_followed(tmp_path):
    outside = sample_notes.memory_list(tmp_path)
    (tmp_path / "in").mkdir()
    (tmp_path / "in/linked.txt").symlink_to(outside)
    (tmp_path / "in/folder").symlink_to(tmp_path)
    assert sources_at([tmp_path / "in"]).sources == []


def test_an_encrypted_zip_and_a_bomb_are_refused(sage, tmp_path):
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("conversations.json", b" " * 120_000_000)
    assert "unpacks to" in sage("import", bomb).err
    locked = tmp_path / "locked.zip"
    shutil.copy(sample_exports.claude(tmp_path), locked)
    raw = bytearray(locked.read_bytes())
    raw[raw.find(b"PK\x01\x02") + 8] |= 1
    locked.write_bytes(raw)
    assert "is encrypted" in sage("import", locked).err


def test_times_without_a_zone_are_of_the_one_that_is_named(sage, tmp_path):
    path = write(tmp_path / "notes.csv", "content,date\ntea,2026-03-04 08:00:00\n")
    assert sage("import", path, "--timezone", "Asia/Shanghai").code == 0
    assert '"created_at": "2026-03-04T00:00:00+00:00"' in sage("export").out


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--timezone", "Asia/Shanhgai", "did you mean Asia/Shanghai"),
        ("--include", "everything", "use branches, deleted"),
        ("--since", "soon", "--since"),
        ("--date-format", "day/month", "lacks the day, month or year"),
        ("--date-format", "%d/%m", "lacks the day, month or year"),
        ("--date-format", "%d/%m/%Y %Q", "is not a date format"),
        ("--date-format", "%d/%m/%Y", "only applies to CSV files, and there are none"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused_with_a_hint(sage, tmp_path, option, value, said):
    told = sage("import", sample_notes.mem0(tmp_path), option, value)
    assert told.code == 2
    assert said.casefold() in told.err.casefold()


@pytest.mark.parametrize(
    "option",
    [
        "--dry-run",
        "--since=2026-01-01",
        "--include=tools",
        "--timezone=UTC",
        "--date-format=%Y-%m-%d",
    ],
)
def test_a_file_of_sage_is_not_imported_with_options_for_others(sage, tmp_path, option):
    path = write(tmp_path / "lines.jsonl", '{"role": "user", "content": "tea"}')
    told = sage("import", path, option)
    assert told.code == 2
    assert f"{option.partition('=')[0]} only applies to exports of other programs" in told.err
    assert sage("export").out == ""
    assert sage("import", path, "--session", "s").code == 0
    assert "tea" in sage("export").out


def test_memories_go_into_the_space_that_is_named(sage, tmp_path):
    assert sage("import", sample_notes.mem0(tmp_path), "--space", "other").code == 0
    assert sage("export", "--space", "default").out == ""
    assert len(sage("export", "--space", "other").out.splitlines()) == 3


def test_notes_and_tables_are_the_same_from_whichever_folder_they_are_reached(sage, tmp_path):
    folder = tmp_path / "all/plain"
    note = write(folder / "deep/diary.md", "# Tea\n\nOolong.\n\n# Coffee\n\nNone.\n")
    write(folder / "table.csv", "content\nPu'er tea\n")
    notes = ("--include", "notes", "--json")
    assert sage("import", folder, *notes).answer["added"] == 3
    for path in (tmp_path / "all", note, folder / "table.csv"):
        assert sage("import", path, *notes).answer["added"] == 0
    with zipfile.ZipFile(tmp_path / "moved.zip", "w") as made:
        made.write(note, "elsewhere/diary.md")
    assert sage("import", tmp_path / "moved.zip", "--json").answer["added"] == 0
    write(folder / "deep/diary.md", "# Tea\n\nOolong.\n\n# Coffee\n\nMocha.\n")
    assert sage("import", folder, *notes).answer["added"] == 1


def test_daily_notes_that_say_the_same_are_all_kept(sage, tmp_path):
    for day in ("2026-03-04", "2026-03-05"):
        write(tmp_path / f"diary/{day}.md", "# Evening\n\nRan 5 km.\n")
    assert sage("import", tmp_path / "diary", "--json").answer["added"] == 2


def test_what_has_no_time_is_as_old_as_its_file(sage, tmp_path):
    table = write(tmp_path / "notes.csv", "content,date\nOolong,\nMocha,2026-02-01\n")
    os.utime(table, (1_577_836_800, 1_577_836_800))  # 2020
    told = sage("import", table, "--since", "2026-01-01", "--json").answer
    (one,) = told["sources"]
    assert (told["added"], one["skipped"]) == (1, {"older": 1})
    os.utime(table, (1_777_836_800, 1_777_836_800))  # 2026-05
    assert sage("import", table, "--since", "2026-01-01", "--json").answer["added"] == 1


def test_a_database_that_was_cut_off_is_not_said_to_be_in_use(sage, tmp_path):
    path = database(tmp_path / "state.vscdb", cursorDiskKV=[{"key": "k" * 9_000, "value": "v"}])
    path.write_bytes(path.read_bytes()[:5_000])
    told = sage("import", path)
    assert told.code == 2
    assert "malformed" in told.err
    assert "copy it again, or restore it" in told.err
    assert "close the program" not in told.err


def test_an_empty_file_is_said_to_hold_nothing(sage, tmp_path):
    told = sage("import", write(tmp_path / "empty.jsonl", ""))
    assert (told.code, told.out) == (0, "nothing to import: the file contains no memories\n")


def test_a_zip_on_standard_input_is_refused_in_one_line(sage, tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        made.writestr("conversations.json", "[]")
    given = io.TextIOWrapper(io.BytesIO((tmp_path / "a.zip").read_bytes()))
    monkeypatch.setattr("sys.stdin", given)
    told = sage("import", "-")
    assert told.code == 2
    assert "standard input is not text" in told.err
    assert "pass that" in told.err
    assert "line 1" not in told.err
