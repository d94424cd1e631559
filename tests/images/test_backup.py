"""The compose profile `backup`: backups by a schedule, and the way back."""

import json

import pytest

from tests.support.docker import Project, eventually, run

IMAGES = {"SAGE_IMAGE": "sage-mcp:test-compose", "SAGE_BACKUP_IMAGE": "sage-mcp:test-scheduled"}
SCHEDULE = {"SAGE_BACKUP_SCHEDULE": "1h", "SAGE_BACKUP_KEEP": "1"}
LIST = "import os; print(*sorted(os.listdir('/backups')))"
AN_HOUR_LATER = "UPDATE sage.last_backup SET made_at = made_at - interval '1 hour'"
BEFORE, AFTER = "The ferry leaves from the north quay.", "The ferry leaves from the south quay now."


@pytest.fixture
def project(variables, runtime, tmp_path):  # noqa: ARG001 - its steps are used again
    """Bring Sage up in a clean clone, with a schedule for its backups."""
    one = Project(tmp_path / "clone", **IMAGES, **SCHEDULE, **variables)
    try:
        one.up()
        yield one
    finally:
        one.remove()
        run("docker", "rmi", *IMAGES.values(), check=False)


def files(project):
    return project.compose("exec", "--no-TTY", "backup", "python3", "-c", LIST).split()


def told(project):
    """Give what Sage itself says of the newest backup."""
    return project.http.get("/health/detailed").json()["checks"]["backup"]["detail"]


def test_backups_are_made_by_the_schedule_and_restored(project, tell):
    backup = ("--profile", "backup")
    project.save(BEFORE)
    assert "none yet" in told(project)
    project.compose(*backup, "up", "--detach", timeout=600)
    eventually(lambda: files(project), "the first backup")
    eventually(lambda: "made just now" in told(project), "telling of it")

    (first,) = files(project)
    query = ("psql", "--username", "sage", "--command", AN_HOUR_LATER)
    project.compose("exec", "--no-TTY", "postgres", *query)
    eventually(lambda: first not in files(project), "the second one, and the end of the first")
    (file,) = files(project)

    project.save(AFTER)
    assert AFTER in project.found("south quay", 1)
    project.compose(*backup, "stop", "sage-mcp", "backup")
    restore = ("restore", f"/backups/{file}", "--replace", "--yes", "--json")
    said = project.compose(*backup, "run", "--rm", "--no-TTY", "backup", *restore)
    tell(f"{file}: {json.loads(said)['searches_compared']} searches compared")
    assert json.loads(said)["memories"] == 1
    project.compose(*backup, "start", "sage-mcp", "backup")
    eventually(lambda: project.status("/health/readiness") == 200, "being ready again")
    assert project.found("quay") == [BEFORE]


def test_a_backup_is_made_when_it_is_asked_for(project):
    project.save(BEFORE)
    project.compose("--profile", "backup", "build", "backup", timeout=600)
    ask = ("--profile", "backup", "run", "--rm", "--no-TTY", "backup", "backup")
    made = json.loads(project.compose(*ask, "--to", "/backups", "--json"))
    assert made["memories"] == 1
    assert made["file"].startswith("/backups/sage-")
