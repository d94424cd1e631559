"""The tree stays readable: small files, telling names, imports that point down."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.architecture.sources import ROOT, sources

MAX_LINES = 300
EMPTY_WORDS = {"utils", "util", "helpers", "helper", "common", "base", "misc", "stuff"}


@pytest.mark.parametrize("folder", ["sage", "tests"])
def test_no_file_is_longer_than_the_budget(folder):
    too_long = {
        source.path: lines
        for source in sources(folder)
        if (lines := source.text.count("\n")) > MAX_LINES
    }
    assert not too_long


@pytest.mark.parametrize("folder", ["sage", "tests"])
def test_no_module_has_a_name_that_says_nothing(folder):
    assert not [
        source.path
        for source in sources(folder)
        if EMPTY_WORDS & set(source.path.removesuffix(".py").split("/"))
    ]


def test_imports_point_down():
    checker = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"
    run = subprocess.run(
        [sys.executable, "-c", checker], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "0 broken" in run.stdout
