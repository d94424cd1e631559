"""`sage project`: what memories belong to is listed, renamed and joined, and nothing is lost."""

import json

import pytest

from tests.support.backups import ask

OLD, NEW, OTHER = "/srv/zeta", "/srv/zeta-renamed", "/workspaces/zeta"


def read(outcome):
    assert outcome.code == 0, outcome.err
    return json.loads(outcome.out)


@pytest.fixture
def say(here):
    """Save an exchange about a project."""

    def save(user, project, *words):
        metadata = json.dumps({"project": project, "project_name": project.rpartition("/")[2]})
        outcome = here("save", user, "Noted.", "--metadata", metadata, *words)
        assert outcome.code == 0, outcome.err

    return save


@pytest.fixture
def found(here):
    """Return what users said that is found in a project."""

    def find(project, *words):
        about = json.dumps({"project": project})
        given = ("--metadata", about, "--role", "user", "--json", *words)
        return {hit["content"] for hit in read(here("search", "heron gate", *given))["results"]}

    return find


@pytest.fixture
def listed(here):
    """Return the number of memories of each project."""

    def count(*words):
        projects = read(here("project", "list", "--json", *words))["projects"]
        return {one["name"]: one["memories"] for one in projects}

    return count


def test_a_project_that_was_moved_is_found_and_shown_by_its_new_name(here, say, found, listed):
    say("The heron gate opens at nine.", OLD, "--session", "gate")
    say("The heron gate is green.", "/srv/else")
    planned = read(here("project", "move", OLD, NEW, "--dry-run", "--json"))
    assert planned == {
        "project": NEW, "former": OLD, "memories": 2, "sessions": 1, "there": 0, "changed": True
    }  # fmt: skip
    assert listed() == {OLD: 2, "/srv/else": 2}
    assert here("project", "move", OLD, NEW).out == f"{NEW} got 2 memories of 1 session\n"
    assert listed() == {NEW: 2, "/srv/else": 2}
    assert found(NEW) == {"The heron gate opens at nine."}
    shown = read(here("show", "gate", "--json"))["memories"]
    assert {tuple(one["metadata"].items()) for one in shown} == {
        (("project", NEW), ("project_name", "zeta-renamed"))
    }
    say("The heron gate closes at five.", OLD)  # from a client that still runs
    for name in (OLD, NEW):
        assert found(name) == {
            "The heron gate opens at nine.",
            "The heron gate closes at five.",
        }
    project = read(here("project", "show", OLD, "--json"))
    assert (project["name"], project["other_names"], project["memories"]) == (NEW, [OLD], 4)
    assert "nothing to change" in here("project", "move", OLD, NEW).out
    assert here("project", "move", NEW, OLD).code == 0
    assert listed() == {OLD: 4, "/srv/else": 2}
    assert read(here("project", "show", NEW, "--json"))["name"] == OLD


def test_what_was_merged_is_one_project_until_it_is_taken_out_again(here, say, found, listed):
    say("The heron gate opens at nine.", OTHER)
    say("The heron gate is made of oak.", OLD)
    refused = here("project", "move", OTHER, OLD)
    assert refused.code == 2
    assert "is already the name of a project" in refused.err
    assert "sage project merge" in refused.err
    merged = here("project", "merge", OTHER, OLD)
    assert merged.out == f"{OLD} got 2 memories of 1 session, in addition to its 2\n"
    assert here("project", "move", OLD, NEW).code == 0
    say("The heron gate closes at five.", OTHER)
    say("The heron gate was painted.", "/srv/else")
    assert len(found(OLD)) == len(found(OTHER)) == 3
    assert here("project", "merge", "/srv/else", NEW).code == 0
    assert listed() == {NEW: 8}
    assert "was not merged" in here("project", "merge", NEW, OTHER, "--undo").err
    undone = read(here("project", "merge", OTHER, NEW, "--undo", "--json"))
    assert (undone["project"], undone["former"], undone["memories"]) == (OTHER, NEW, 4)
    assert listed() == {NEW: 4, OTHER: 4}
    assert found(OTHER) == {
        "The heron gate opens at nine.",
        "The heron gate closes at five.",
    }
    audited = [one["action"] for one in read(here("audit", "--json"))]
    assert [one for one in audited if "project" in one] == [
        *("merge_projects", "merge_projects", "move_project", "merge_projects")
    ]


def test_a_person_is_asked_before_something_changes_and_told_how_much(here, say, listed, typing):
    say("The heron gate opens at nine.", OLD)
    say("The heron gate is green.", OTHER)
    typing("n\ny\nn\n")
    declined = here("project", "move", "/srv/zeta/", NEW)
    assert declined.code == 1
    assert f"rename {OLD} (2 memories) to {NEW}? [y/N]" in declined.err
    assert listed() == {OLD: 2, OTHER: 2}
    agreed = here("project", "merge", OTHER, OLD)
    assert f"merge {OTHER} (2 memories) into {OLD} (2 memories)? [y/N]" in agreed.err
    assert listed() == {OLD: 4}
    undone = here("project", "merge", OTHER, OLD, "--undo")
    assert f"separate {OTHER} (2 memories) from {OLD}?" in undone.err
    assert listed() == {OLD: 4}


def test_a_project_is_named_by_its_folder_or_by_the_last_part_of_its_name(
    here, say, listed, tmp_path, monkeypatch
):
    (tmp_path / "heron/src").mkdir(parents=True)
    (tmp_path / "heron/.git").mkdir()
    say("The heron gate opens at nine.", OLD)
    say("The heron gate is green.", "/srv/else")
    monkeypatch.chdir(tmp_path / "heron/src")
    assert here("project", "move", "zeta", ".").code == 0
    assert listed() == {str(tmp_path / "heron"): 2, "/srv/else": 2}
    assert here("project", "show", "heron").out.startswith(str(tmp_path / "heron"))
    say("The heron gate is low.", OTHER)
    ambiguous = here("project", "show", "zeta")
    assert ambiguous.code == 2
    assert OTHER in ambiguous.err
    merged = (("merge", OTHER, "nothing"), ("merge", "nothing", OTHER))
    for verb in (("show", "nothing"), ("move", "nothing", "x"), *merged):
        unknown = here("project", *verb)
        assert (unknown.code, "project 'nothing' does not exist" in unknown.err) == (1, True), verb
    elsewhere = here("project", "show", f"/{'z' * 256}")  # as of another machine, never of this
    assert "project '/zzz" in elsewhere.err
    assert here("project", "merge", "/srv/of-tomorrow", OTHER).code == 0
    assert read(here("project", "show", OTHER, "--json"))["other_names"] == ["/srv/of-tomorrow"]


def test_projects_of_another_space_keep_their_names(here, say, found, listed):
    assert here("space", "create", "team").code == 0
    say("The heron gate opens at nine.", OLD)
    say("The heron gate is green.", OLD, "--space", "team")
    assert here("project", "move", OLD, NEW, "--space", "team").code == 0
    assert (listed(), listed("--space", "team")) == ({OLD: 2}, {NEW: 2})
    assert found(NEW) == set()
    assert found(NEW, "--space", "*") == {"The heron gate is green."}


def test_a_moved_project_stays_so_in_exports_imports_and_backups(
    here, on, say, tmp_path, empty_postgres_dsn
):
    say("The heron gate opens at nine.", OLD)
    before, exported = tmp_path / "before.jsonl", tmp_path / "exported.jsonl"
    before.write_text(here("export").out)
    assert here("project", "move", OLD, NEW).code == 0
    exported.write_text(here("export").out)
    assert {
        json.loads(line)["metadata"]["project"] for line in exported.read_text().splitlines()
    } == {NEW}
    for file in (before, exported):
        again = read(here("import", file, "--json"))
        assert (again["added"], again["there"], again["differing"]) == (0, 2, 0), file
    later = tmp_path / "later.jsonl"
    line = {"role": "user", "content": "The heron gate is low.", "session_id": "s"}
    later.write_text(json.dumps(line | {"metadata": {"project": OLD}}) + "\n")
    import_id = read(here("import", later, "--json"))["import_id"]
    assert read(here("project", "show", NEW, "--json"))["memories"] == 3
    assert here("import", "--undo", import_id).code == 0
    assert here("backup", tmp_path / "made.backup").code == 0
    restored = on(empty_postgres_dsn, "restore", tmp_path / "made.backup")
    assert restored.code == 0, restored.err
    names = read(on(empty_postgres_dsn, "project", "show", OLD, "--json"))
    assert (names["name"], names["memories"]) == (NEW, 2)


def test_an_erasure_takes_the_names_of_projects_that_nothing_belongs_to_any_more(
    here, say, postgres_dsn
):
    say("The heron gate opens at nine.", OLD, "--session", "gate")
    say("The heron gate is green.", "/srv/else", "--session", "colour")
    for old, new in ((OLD, NEW), ("/srv/else", "/srv/other")):
        assert here("project", "move", old, new).code == 0
    receipt = read(here("erase", "--session", "gate", "--yes", "--json"))
    assert receipt["rows"]["project_names"] == 1
    left = ask(postgres_dsn, "SELECT name, project FROM sage.project_names")
    assert [tuple(row) for row in left] == [("/srv/else", "/srv/other")]
    assert here("space", "erase", "default", "--yes").code == 0
    assert ask(postgres_dsn, "SELECT name FROM sage.project_names") == []


def test_a_project_with_the_repository_of_another_one_shows_the_command_that_joins_them(
    here, say, listed, postgres_dsn
):
    for project in (OLD, OTHER, "/srv/else"):
        say(f"The heron gate of {project} opens at nine.", project)
        ask(
            postgres_dsn,
            "INSERT INTO sage.project_identities (space_id, name, identity)"
            " VALUES ('default', $1, sha256($2))",
            project,
            b"another" if project == "/srv/else" else b"zeta",
        )
    shown = here("project", "show", OLD).out
    assert f"looks like {OTHER}" in shown
    command = shown.partition("to merge it: ")[2].splitlines()[0]
    assert here(*command.split()[command.split().index("project") :]).code == 0
    assert listed() == {OTHER: 4, "/srv/else": 2}
    assert "looks like" not in here("project", "show", OLD).out
