"""An export for people: a folder of Markdown, a file for each session."""

from __future__ import annotations

import json

import pytest

from sage.cli.main import main


@pytest.fixture
def sage(postgres_dsn, tmp_path, monkeypatch, capsys, model_loaded_once):  # noqa: ARG001 - in effect
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    monkeypatch.setenv("SAGE_TIMEZONE", "Asia/Shanghai")
    monkeypatch.setattr("sage.config.paths.own_folder", lambda: None)

    def run(*argv):
        capsys.readouterr()
        code = main([*map(str, argv), "--data-dir", str(tmp_path / "data")])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


@pytest.fixture
def filled(sage, tmp_path):
    def line(session, content, **more):
        when = "2026-03-04T05:06:07Z"
        return {
            "session_id": session,
            "role": "user",
            "content": content,
            "created_at": when,
        } | more

    lines = [
        line("茶/tea", "哪种茶最好？", name="小林"),  # noqa: RUF001
        line("茶/tea", "# Oolong\n\nof course", role="assistant"),
        line("../../etc", "x", metadata={"title": "A title"}),
        line("茶 tea", "another session"),
        line("a" * 200, "long"),
    ]
    path = tmp_path / "memories.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in lines), encoding="utf-8")
    assert sage("import", path)[0] == 0


def test_what_a_later_message_replaces_is_marked(sage, tmp_path):
    kept = json.loads(sage("save", "Tea is at four", "Noted", "--session", "a", "--json")[1])
    old = kept["memory_ids"][0]
    sage("save", "Tea is at five", "Noted", "--session", "b", "--replaces", old)
    assert sage("export", "--markdown", tmp_path / "new")[0] == 0
    texts = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "new").iterdir())
    assert texts.count("(superseded)") == 1
    assert "user (superseded)\n\n> Tea is at four" in texts


@pytest.mark.usefixtures("filled")
def test_each_session_is_a_file_with_its_messages_in_order(sage, tmp_path):
    folder = tmp_path / "new/folder"
    assert sage("export", "--markdown", folder)[:2] == (0, "")
    files = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert len(files) == 4
    assert all(len(name.encode()) < 255 for name in files)
    (tea,) = (text for text in files.values() if "Oolong" in text)
    assert tea == (
        '---\nsession: "茶/tea"\nspace: "default"\n---\n\n# 茶/tea\n'
        "\n## 2026-03-04 13:06 +08:00 小林 (user)\n\n> 哪种茶最好？\n"  # noqa: RUF001
        "\n## 2026-03-04 13:06 +08:00 assistant\n\n> # Oolong\n>\n> of course\n"
    )
    assert any("# A title" in text for text in files.values())


@pytest.mark.usefixtures("filled")
def test_a_folder_with_something_in_it_is_left_as_it_is(sage, tmp_path):
    (tmp_path / "memories.jsonl").read_text()
    code, _, err = sage("export", "--markdown", tmp_path)
    assert code == 2
    assert "is not empty" in err
    assert not list(tmp_path.glob("*.md"))


def test_a_folder_that_cannot_be_made_is_told(sage, tmp_path):
    (tmp_path / "file").write_text("")
    code, _, err = sage("export", "--markdown", tmp_path / "file")
    assert code == 2
    assert "cannot be written" in err
