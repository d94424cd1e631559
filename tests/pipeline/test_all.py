"""ci/all runs what it is asked to, and its table says what became of each step."""

import os
import re
import shlex
import shutil
import subprocess

import pytest

from tests.architecture.sources import ROOT

PIPELINE = re.search(r"(?s)pipeline=\((.*?)\)", (ROOT / "ci/all").read_text())[1].split()
BY_NAME = re.search(r"by_name=\((.*?)\)", (ROOT / "ci/all").read_text())[1].split()
SCRIPTS = {f"ci/{step.removeprefix('prove-')}" for step in ["test", *PIPELINE, *BY_NAME]}


@pytest.fixture
def tree(tmp_path):
    """Lay out a tree in which every script of a step passes."""
    (tmp_path / "ci").mkdir()
    shutil.copy(ROOT / "ci/all", tmp_path / "ci")
    for script in SCRIPTS:
        put(tmp_path / script, "exit 0")
    return tmp_path


def put(script, body):
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o755)


def run(tree, *steps, ci=""):
    """Give the exit code and the table as {step: (verdict, reason)}."""
    env = {**os.environ, "CI": ci}
    ran = subprocess.run(
        [tree / "ci/all", *steps], capture_output=True, text=True, check=False, env=env
    )
    table = ran.stdout.partition("step             verdict  seconds processor\n")[2]
    rows = re.findall(r"(?m)^([a-z-]+) +(ok|skipped|FAILED) +\d+ +\d+ *(.*)$", table)
    return ran.returncode, {step: (verdict, reason) for step, verdict, reason in rows}


def test_every_step_is_a_script_that_exists():
    assert PIPELINE
    assert all((ROOT / script).exists() for script in SCRIPTS)


def test_all_is_everything_and_the_pipeline_all_but_the_tests(tree):
    assert run(tree) == (0, dict.fromkeys(["test", *PIPELINE], ("ok", "")))
    assert run(tree, "pipeline") == (0, dict.fromkeys(PIPELINE, ("ok", "")))


def test_a_step_that_takes_minutes_runs_only_when_it_is_named(tree):
    assert run(tree, *BY_NAME) == (0, dict.fromkeys(BY_NAME, ("ok", "")))
    assert not {*BY_NAME} & {*run(tree)[1]}


def test_ci_runs_what_takes_minutes_beside_every_test(tree):
    (tree / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/run", tree / ".ci")
    for failing in (None, "ci/test", f"ci/{BY_NAME[0]}"):
        for script in SCRIPTS:
            put(tree / script, f"echo ran {script}; exit {int(script == failing)}")
        ran = subprocess.run([tree / ".ci/run"], capture_output=True, text=True, check=False)
        assert re.findall(r"(?m)^ran ci/(.*)$", ran.stdout) == [*BY_NAME, "test"]
        assert bool(ran.returncode) == bool(failing)


def test_a_step_that_was_skipped_is_no_failure_and_says_why(tree):
    put(tree / "ci/nix", "echo 'no Nix here' >&2; exit 3")
    assert run(tree, "nix", "minimum-versions") == (
        0,
        {"nix": ("skipped", "no Nix here"), "minimum-versions": ("ok", "")},
    )


def test_a_step_that_skipped_a_part_of_itself_says_which(tree):
    put(tree / "ci/scan", "echo 'skipped: history (no gitleaks)'; echo done")
    assert run(tree, "scan") == (0, {"scan": ("ok", "skipped: history (no gitleaks)")})


def test_the_tests_name_what_a_step_of_theirs_skipped(tree):
    shutil.copy(ROOT / "ci/test", tree / "ci")
    put(tree / "ci/tools", 'echo "$PWD/ci"')
    put(tree / "ci/tox", "echo 'skipped: docker compose config'")
    put(tree / "ci/scan", "echo 'skipped: history (no gitleaks)'")
    ran = subprocess.run(
        [tree / "ci/test", "lint", "pipeline"], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0
    notes = ran.stdout.rpartition("step     verdict  seconds processor\n")[2].splitlines()
    assert notes[-3:-1] == ["skipped: docker compose config", "skipped: history (no gitleaks)"]


def test_the_steps_of_containers_and_older_pythons_run_beside_the_suite(tree):
    """The suite ends only once a step of the pipeline and an older Python have been begun."""
    shutil.copy(ROOT / "ci/test", tree / "ci")
    (tree / "ci/lib").mkdir()
    put(tree / "ci/lib/python", "echo python3")
    put(tree / "ci/lib/tested", "echo python3")
    put(tree / "ci/tools", 'echo "$PWD/ci"')
    waiting = "for turn in $(seq 300); do [ ! -e begun2 ] || exit 0; sleep 0.1; done; exit 1"
    older = "[ ! -e begun ] || touch begun2"
    put(
        tree / "ci/tox",
        f'case "$*" in *py313*) {waiting} ;; *py312*) {older} ;; *) exit 0 ;; esac',
    )
    put(tree / "ci/scan", "touch begun; echo 'skipped: history (no gitleaks)'; exit 1")
    ran = subprocess.run(
        [tree / "ci/test", "images", "py313", "py312", "pipeline"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "CI": ""},
    )
    table = ran.stdout.rpartition("step     verdict  seconds processor\n")[2]
    assert re.findall(r"(?m)^(\w+) +(ok|FAILED)", table) == [
        ("images", "ok"),
        ("py313", "ok"),
        ("py312", "ok"),
        ("pipeline", "FAILED"),
    ]
    assert re.search(r"(?m)^  scan +FAILED +\d+ +\d+$", table)
    assert ran.returncode == 1


def test_the_parts_that_run_beside_the_tests_are_the_whole_pipeline():
    parts = re.search(r"(?s)\npipeline=\((.*?)\)", (ROOT / "ci/test").read_text())[1]
    assert sorted(" ".join(shlex.split(parts)).split()) == sorted(PIPELINE)


def test_the_tests_of_older_pythons_and_of_the_quick_part_exist():
    script = (ROOT / "ci/test").read_text()
    lists = re.findall(r"(?s)\n(?:older|quick)_tests=\((.*?)\)", script)
    names = [name for text in lists for name in text.split() if not name.startswith('"$')]
    assert len(lists) == 2
    assert [name for name in names if not (ROOT / "tests" / name).exists()] == []


def test_what_other_steps_see_is_left_out_by_names_that_exist():
    named = re.findall(r"--deselect=([^ )]+)", (ROOT / "ci/test").read_text())
    assert len(named) == 2
    for file, _, test in (name.partition("::") for name in named):
        assert f"def {test}(" in (ROOT / file).read_text()


def test_the_quick_part_is_no_step_and_is_named_to_whoever_looks_for_one(tree):
    shutil.copy(ROOT / "ci/test", tree / "ci")
    (tree / "ci/lib").mkdir()
    put(tree / "ci/lib/python", "echo python3")
    put(tree / "ci/lib/tested", "echo python3")
    put(tree / "ci/tools", 'echo "$PWD/ci"')
    for tool in ("tox", "mypy"):
        put(tree / "ci" / tool, "exit 0")

    def told(*words):
        ran = subprocess.run(
            [tree / "ci/test", *words], capture_output=True, text=True, check=False
        )
        return ran.returncode, ran.stdout, ran.stderr

    code, out, _ = told("quick")
    rows = re.findall(r"(?m)^(\w+) +ok +\d+ +\d+$", out)
    assert (code, rows) == (0, ["lint", "types", "docs", "tests"])
    assert "ci/test quick  " in told("--help")[1]
    code, _, err = told("fast")
    assert code == 2
    assert "`ci/test quick`" in err


def test_on_ci_only_what_needs_a_database_from_outside_may_be_skipped(tree):
    for step in ("nix", "vulnerabilities"):
        put(tree / "ci" / step, "echo 'not here' >&2; exit 3")
    assert run(tree, "vulnerabilities", "nix", ci="true") == (
        1,
        {"vulnerabilities": ("skipped", "not here"), "nix": ("FAILED", "not here")},
    )


def test_a_failure_fails_all_and_the_steps_after_it_run(tree):
    put(tree / "ci/minimum-versions", "exit 2")
    assert run(tree, "minimum-versions", "nix") == (
        1,
        {"minimum-versions": ("FAILED", ""), "nix": ("ok", "")},
    )


def test_a_step_that_is_not_there_is_refused(tree):
    assert run(tree, "minimum-version") == (2, {})
