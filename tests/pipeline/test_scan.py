"""ci/scan says which gates it skipped; on CI that is a failure."""

import os
import shutil
import subprocess

import pytest

from tests.architecture.sources import ROOT

GIT = ("git", "-c", "user.name=Planted", "-c", "user.email=planted@localhost")


def put(script, body):
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o755)


@pytest.fixture
def tree(tmp_path):
    """Lay out a repository of two commits with the gate `history` and one that passes."""
    tree = tmp_path / "tree"
    (tree / "ci/scans").mkdir(parents=True)
    for file in ("ci/scan", "ci/scans/history.sh"):
        shutil.copy(ROOT / file, tree / file)
    (tree / "ci/scans/passing.sh").write_text("scan() { true; }\n")
    put(tree / "ci/tools", f"echo {tmp_path}")
    put(tmp_path / "gitleaks", "exit 0")
    subprocess.run((*GIT, "init", "--quiet", tree), check=True)
    subprocess.run((*GIT, "add", "."), cwd=tree, check=True)
    for message in ("One", "Two"):
        commit = (*GIT, "commit", "--quiet", "--allow-empty", "--message", message)
        subprocess.run(commit, cwd=tree, check=True)
    return tree


def scan(tree, *, ci):
    return subprocess.run(
        [tree / "ci/scan"],
        env={**os.environ, "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("ci", ["", "true"])
def test_a_scan_with_all_gates_skips_nothing(tree, ci):
    ran = scan(tree, ci=ci)
    assert ran.returncode == 0, ran.stdout
    assert "skipped" not in ran.stdout


def test_what_the_history_of_a_shallow_clone_leaves_out_is_said(tree):
    clone = tree.parent / "clone"
    subprocess.run((*GIT, "clone", "--quiet", "--depth=1", f"file://{tree}", clone), check=True)
    ran = scan(clone, ci="true")
    assert ran.returncode == 0
    (row,) = [line for line in ran.stdout.splitlines() if line.startswith("history ")]
    assert "this clone is shallow, so the older commits are not looked through" in row


def test_a_tool_that_fails_in_its_own_way_was_not_skipped(tree):
    for gate in ("dockerfile", "migrations", "misconfiguration", "patterns", "python", "secrets"):
        shutil.copy(ROOT / f"ci/scans/{gate}.sh", tree / "ci/scans")
    for tool in ("bandit", "hadolint", "opengrep", "squawk", "trivy"):
        put(tree.parent / tool, "exit 3")
    put(tree.parent / "python", f"echo {tree.parent}/opengrep")
    ran = scan(tree, ci="")
    assert ran.returncode == 1
    assert ran.stdout.count(" FAILED ") == len(list((tree / "ci/scans").iterdir())) - 2, ran.stdout
    assert "skipped" not in ran.stdout
