"""Small files, descriptive names, imports that point down, tests in the folder of their package."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from statistics import median

import pytest

from tests.architecture.sources import ROOT, parse, sources

MAX_LINES = 400
MAX_FOLDER_LINES = 4000
MAX_MEDIAN_LINES = 100
PATHS = {"executable", "INSTALLED", "ROOT", "SCRIPT"}
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "misc", "stuff"}


@pytest.mark.parametrize("folder", ["benchmarks", "sage", "tests"])
def test_no_file_exceeds_the_maximum_length(folder):
    too_long = {
        source.path: lines
        for source in sources(folder)
        if (lines := source.text.count("\n")) > MAX_LINES
    }
    assert not too_long


def test_each_migration_has_a_number_of_its_own_and_none_is_left_out():
    """Whoever comes second to a number takes the next: a gap keeps every database from starting."""
    files = sorted((ROOT / "sage" / "store" / "migrations").glob("*.sql"))
    numbers = [int(file.name[:4]) for file in files]
    assert numbers == [*range(numbers[0], numbers[0] + len(numbers))]


def test_half_of_the_files_of_sage_are_short():
    assert median(source.text.count("\n") for source in sources("sage")) <= MAX_MEDIAN_LINES


@pytest.mark.parametrize("folder", ["benchmarks", "sage", "tests"])
def test_no_module_has_a_vague_name(folder):
    assert not [
        source.path
        for source in sources(folder)
        if VAGUE_NAMES & set(source.path.removesuffix(".py").split("/"))
    ]


def test_the_name_of_a_class_has_one_meaning():
    paths: dict[str, list[str]] = {}
    for source in sources("sage"):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ClassDef):
                paths.setdefault(node.name.lstrip("_"), []).append(source.path)
    assert not {name: path for name, path in paths.items() if len(path) > 1}


def test_imports_point_down():
    checker = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"
    run = subprocess.run(
        [sys.executable, "-c", checker], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "0 broken" in run.stdout


def parsed(path):
    """Return the syntax tree of a file of this checkout."""
    return ast.parse((ROOT / path).read_text())


def folders(root):
    """Return the paths of the folders with Python files under `root`, relative to it."""
    found = {path.parent.relative_to(ROOT / root) for path in (ROOT / root).rglob("*.py")}
    return {str(path) for path in found} - {"."}


def test_every_package_has_tests_in_the_folder_of_its_name():
    tested = {path.split("/")[0] for path in folders("tests")}
    assert {path for path in folders("sage") if "/" not in path} <= tested


def test_a_large_folder_has_inner_packages_with_a_sentence_each():
    lines = Counter[str]()
    for source in sources("sage"):
        lines[source.path.rpartition("/")[0]] += source.text.count("\n")
    inner = [path for path in lines if path != "sage"]
    assert not [
        path
        for path in inner
        if lines[path] > MAX_FOLDER_LINES and not any(one.startswith(f"{path}/") for one in inner)
    ]
    assert not [path for path in inner if not ast.get_docstring(parsed(f"{path}/__init__.py"))]


def test_the_other_folders_of_tests_are_described():
    described = set(re.findall(r"`(\w+)`", (ROOT / "ARCHITECTURE.md").read_text()))
    others = folders("tests") - folders("sage")
    assert {path.split("/")[0] for path in others} <= described


def test_the_architecture_page_names_every_layer():
    (layers,) = re.findall(r"```\n(.+?)```", (ROOT / "ARCHITECTURE.md").read_text(), re.DOTALL)
    modules = {path.stem for path in (ROOT / "sage").glob("[!_]*") if path.suffix in {"", ".py"}}
    assert modules <= set(re.findall(r"\w+", layers))


def bare_words(source):
    """Yield where a path of this checkout stands unquoted as a word of a command line."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.JoinedStr):
            continue
        texts = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
        for before, part, after in zip(["", *texts], node.values, [*texts[1:], ""], strict=False):
            names = {getattr(one, "id", getattr(one, "attr", "")) for one in ast.walk(part)}
            is_word = (before or "").endswith((" ", "=")) or (after or "").startswith(" ")
            if is_word and names & PATHS and "quote" not in names:
                yield source.line_of(node)


def test_the_tests_pass_in_a_checkout_whose_path_has_a_space():
    """A command line that a test writes or expects quotes paths, as `shlex.quote` does."""
    assert [place for source in sources("tests") for place in bare_words(source)] == []
    written = parse("x.py", 'f"exec {sys.executable} -m sage", f"{SCRIPT} search", f"{ROOT}/a"')
    assert len(list(bare_words(written))) == 2
