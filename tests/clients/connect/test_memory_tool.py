"""The memory tool of Claude's API on Sage: its commands, and what is kept of each change."""

import importlib

import pytest

from tests.architecture.sources import ROOT
from tests.support import plain_http
from tests.support.serving import serving, settings_for

FOLDER = ROOT / "integrations/memory-tool"
TEA = "/memories/likes/tea.md"


@pytest.fixture
def adapter(monkeypatch):
    monkeypatch.syspath_prepend(FOLDER)
    return importlib.import_module("sage_files")


@pytest.fixture
def url(postgres_dsn, tmp_path):
    with serving(settings_for(postgres_dsn, tmp_path)) as url:
        yield url


@pytest.fixture
def run(adapter, url):
    files = adapter.SageFiles(url)

    def run(command, path=None, **more):
        named = {} if path is None else {"path": path}
        return files.run({"command": command, **named, **more})

    return run


@pytest.fixture
def refused(adapter, run):
    def refused(*args, **more):
        with pytest.raises(adapter.CommandError) as raised:
            run(*args, **more)
        return str(raised.value)

    return refused


def numbered(text):
    return [f"{number:6}\t{line}" for number, line in enumerate(text.split("\n"), 1)]


def content(run, path):
    return run("view", path).split("\n", 1)[1].split("\n")


def versions(url, session="memory-tool"):
    return plain_http.get(f"{url}/api/v1/sessions/{session}").json().get("memories", [])


def test_a_file_is_written_read_and_edited(run):
    run("create", TEA, file_text="green\n普洱 'tea'\nblack\n")
    assert content(run, TEA) == numbered("green\n普洱 'tea'\nblack\n")
    assert run("view", TEA, view_range=[2, 2]).endswith(f"\n{2:6}\t普洱 'tea'")
    assert run("view", TEA, view_range=[3, -1]).endswith(f"\n{3:6}\tblack\n{4:6}\t")
    assert f"{2:6}\t乌龙" in run("str_replace", TEA, old_str="普洱 'tea'", new_str="乌龙")
    run("insert", TEA, insert_line=0, insert_text="# Tea\n")
    run("insert", TEA, insert_line=4, insert_text="white")
    assert content(run, TEA) == numbered("# Tea\ngreen\n乌龙\nblack\nwhite\n")
    run("str_replace", TEA, old_str="white\n")
    assert content(run, TEA) == numbered("# Tea\ngreen\n乌龙\nblack\n")


def test_directories_are_listed_two_levels_deep_with_sizes(run):
    assert run("view", "/memories").endswith("\n0\t/memories")
    run("create", TEA, file_text="four")
    run("create", "/memories/a/b/c.txt", file_text="茶")
    assert run("view", "/memories/").splitlines()[1:] == [
        "7\t/memories",
        "3\t/memories/a/",
        "3\t/memories/a/b/",
        "4\t/memories/likes/",
        f"4\t{TEA}",
    ]
    assert run("view", "/memories/a/b").endswith("3\t/memories/a/b\n3\t/memories/a/b/c.txt")


def test_an_edit_keeps_the_version_before_and_searches_find_the_new_one(run, url):
    run("create", TEA, file_text="oolong")
    run("str_replace", TEA, old_str="oolong", new_str="sencha")
    run("str_replace", TEA, old_str="sencha", new_str="oolong")
    kept = versions(url)
    assert [one["content"] for one in kept] == ["oolong", "sencha", "oolong"]
    assert [bool(one.get("superseded_at")) for one in kept] == [True, True, False]
    body = {"query": "oolong sencha", "min_relevance": "none"}
    found = plain_http.post(f"{url}/api/v1/search", json=body).json()["results"]
    assert [one["memory_id"] for one in found] == [kept[-1]["memory_id"]]


def test_a_file_or_a_directory_moves_with_its_history(run, refused, url):
    run("create", TEA, file_text="oolong")
    run("create", "/memories/likes/cake.md", file_text="cheese")
    run("rename", old_path=TEA, new_path="/memories/drinks/tea.md")
    assert content(run, "/memories/drinks/tea.md") == numbered("oolong")
    assert "no file" in refused("str_replace", TEA, old_str="oolong", new_str="x")
    run("rename", old_path="/memories/drinks", new_path="/memories/liked")
    assert content(run, "/memories/liked/tea.md") == numbered("oolong")
    taken = {"old_path": "/memories/liked", "new_path": "/memories/likes"}
    assert "already exists" in refused("rename", **taken)
    assert "cannot be moved" in refused("rename", old_path="/memories", new_path="/memories/x")
    assert [one["content"] for one in versions(url)].count("oolong") == 3


def test_what_is_deleted_stays_away_with_all_its_versions_and_can_be_restored(run, refused, url):
    run("create", TEA, file_text="oolong")
    run("str_replace", TEA, old_str="oolong", new_str="sencha")
    run("rename", old_path=TEA, new_path="/memories/x/tea.md")
    ids = [one["memory_id"] for one in versions(url)]
    run("delete", "/memories/x")
    assert run("view", "/memories").endswith("\n0\t/memories")
    assert "nothing at" in refused("delete", "/memories/x/tea.md")
    assert "cannot be deleted" in refused("delete", "/memories")
    body = {"memory_ids": ids, "undo": True}
    assert plain_http.post(f"{url}/api/v1/forget", json=body).json()["restored"] == 3
    assert content(run, "/memories/x/tea.md") == numbered("sencha")


@pytest.mark.parametrize(
    "path",
    [
        *("/etc/passwd", "memories/x", "/memoriesx", "/memories/../x", "/memories/a/../../x"),
        *("/memories/..", "/memories/%2e%2e/x", "/memories\\..\\x", "/memories/a\0b", "", "/"),
        *("/memories//x", "/memories/./x"),
    ],
)
def test_a_path_outside_is_refused(refused, url, path):
    for command in (
        {"command": "view"},
        {"command": "create", "file_text": "x"},
        {"command": "delete"},
        {"command": "insert", "insert_line": 0, "insert_text": "x"},
        {"command": "str_replace", "old_str": "x", "new_str": "y"},
    ):
        assert "no path below" in refused(command.pop("command"), path, **command)
    assert "no path below" in refused("rename", old_path="/memories/a", new_path=path)
    assert versions(url) == []


def test_what_cannot_be_done_is_an_error_that_says_why(run, refused, adapter):
    run("create", TEA, file_text="tea and tea")
    assert "already exists" in refused("create", TEA, file_text="x")
    assert "in the way" in refused("create", f"{TEA}/x", file_text="x")
    assert "in the way" in refused("create", "/memories/likes", file_text="x")
    assert "2 times" in refused("str_replace", TEA, old_str="tea", new_str="x")
    assert "0 times" in refused("str_replace", TEA, old_str="coffee", new_str="x")
    assert "takes 0 to 1" in refused("insert", TEA, insert_line=2, insert_text="x")
    assert "lines 1 to 1" in refused("view", TEA, view_range=[2, 3])
    assert "nothing at" in refused("view", "/memories/none")
    assert "no command" in refused("format", TEA)
    assert "is empty" in refused("create", "/memories/empty", file_text="")
    assert "100,000" in refused("create", "/memories/long", file_text="x" * 100_001)
    closed = adapter.SageFiles("http://127.0.0.1:9")
    with pytest.raises(adapter.CommandError, match="does not answer"):
        closed.run({"command": "view", "path": "/memories"})


def test_each_session_is_a_directory_of_its_own_of_any_size(adapter, url):
    mine, yours = (adapter.SageFiles(url, session_id=f"files/{name}") for name in "ab")
    for number in range(120):
        text = f"note {number}"
        mine.run({"command": "create", "path": f"/memories/{number}.md", "file_text": text})
    assert len(mine.run({"command": "view", "path": "/memories"}).splitlines()) == 122
    assert yours.run({"command": "view", "path": "/memories"}).endswith("\n0\t/memories")
    mine.run({"command": "create", "path": "/memories/dir/x.md", "file_text": "x"})
    mine.run({"command": "delete", "path": "/memories/119.md"})
    assert "119.md" not in mine.run({"command": "view", "path": "/memories"})
