"""Notes come in when they are asked for, and what programs bring with them never."""

import io

import pytest

from tests.transfer.importing import sample_notes
from tests.transfer.importing.sample_files import write

NOTE = "# Tea\n\nOolong of {}.\n"


def test_notes_among_other_things_or_scattered_are_imported_only_when_asked_for(sage, tmp_path):
    home = tmp_path / "all"
    for name in ("diary/one.md", "diary/two.txt"):
        write(home / name, NOTE.format(name))
    assert sage("import", home / "diary", "--json").answer["added"] == 2  # these were named
    write(home / "letters/three.md", NOTE.format(3))
    refused = sage("import", home)
    assert refused.code == 2
    assert "3 files of notes in 2 directories" in refused.err
    assert "--include notes" in refused.err
    assert "3 files of notes in 2 directories" in sage("import", home, "--dry-run").err
    sample_notes.mem0(home / "mem0")
    among = sage("import", home)
    assert among.code == 0
    assert "mem0: " in among.out
    assert "notes" not in among.out
    assert "skipped: 3 files of notes in 2 directories; --include notes imports" in among.err
    named = sage("import", home / "mem0", home / "letters/three.md", "--json").answer
    assert [one["added"] for one in named["sources"]] == [0, 1]
    assert sage("import", home, "--include", "notes", "--json").answer["added"] == 0
    assert sage("import", home, "--include", "notes").code == 0


@pytest.mark.parametrize(("answer", "added"), [("y\n", 1), ("\n", 0)])
def test_on_a_terminal_it_is_asked_whether_to_import_them(
    sage, tmp_path, monkeypatch, answer, added
):
    write(tmp_path / "all/diary/one.md", NOTE.format(1))
    sample_notes.mem0(tmp_path / "all/mem0")
    said = io.StringIO(answer)
    said.isatty = lambda: True
    monkeypatch.setattr("sys.stdin", said)
    monkeypatch.setattr("sage.cli.importing.running.can_ask", lambda _: True)
    monkeypatch.setattr("sage.cli.terminal.prompt.can_ask", lambda _: True)
    told = sage("import", tmp_path / "all")
    assert "Also import 1 file of notes in 1 directory (Markdown and text)? [y/N]" in told.err
    assert ("notes: 1 message" in told.out) == bool(added)


def test_texts_of_packages_and_checkouts_are_nobodys_notes(sage, tmp_path):
    home = tmp_path / "all"
    for name in (
        "code/sage/README.md",
        "code/sage/docs/deep/page.md",
        "code/app/.venv/lib/LICENSE.txt",
        "app/node_modules/x/README.md",
        "app/venv/lib/python3.13/site-packages/y/README.md",
    ):
        write(home / name, NOTE.format(name))
    (home / "code/sage/.git").mkdir()
    (home / "code/tree").mkdir()
    write(home / "code/tree/.git", "gitdir: x")
    write(home / "code/tree/README.md", NOTE.format("tree"))
    write(home / "diary/one.md", NOTE.format("me"))
    told = sage("import", home)
    assert told.code == 0
    assert "notes: 1 message" in told.out
    assert "skipped: 4 texts in packages and Git checkouts" in told.err
    (home / "diary/.git").mkdir()
    write(home / "diary/two.md", NOTE.format("us"))
    assert sage("import", home / "diary", "--json").answer["added"] == 1  # it was named


def test_the_markdown_of_sage_is_refused_with_the_way_that_works(sage, tmp_path):
    assert sage("save", "Which tea?", "Oolong.", "--session", 'a "b" \U0001f375').code == 0
    out = tmp_path / "memories"
    assert sage("export", "--markdown", out).code == 0
    (file,) = out.glob("*.md")
    for path in (out, file):
        told = sage("import", path)
        assert told.code == 2
        assert "is a Markdown export of Sage" in told.err
        assert "export > memories.jsonl`" in told.err
    write(tmp_path / "note.md", "---\nsession: yoga\n---\n\n# Tea\n\nOolong.")
    assert sage("import", tmp_path / "note.md").code == 0
