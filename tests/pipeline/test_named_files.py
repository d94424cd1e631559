"""What scripts, workflows and pages name exists: files, tests in them, and modules to be run."""

import re

from tests.architecture.sources import ROOT

PATH = re.compile(
    r"(?<![\w/.~$}@-])"
    r"(?P<path>(?:\.github|benchmarks|ci|deploy|docs|nix|sage|tests)/[\w./-]*\w)"
    r"(?:::(?P<test>\w+))?(?![\w*{}$/-])"
)
MODULE = re.compile(r"\bpython[\d.]* -m (?P<module>(?:benchmarks|sage|tests)(?:\.\w+)*)")
FOLDERS = (".ci", ".github", "ci", "deploy", "docs", "nix")
SUFFIXES = {"", ".cfg", ".md", ".nix", ".py", ".sh", ".toml", ".yaml", ".yml"}
LEFT_OUT = ("ci/scans/", "docs/adr/", "docs/reviews/", "docs/zh/adr/", "docs/zh/reviews/")
"""Scans plant files; decisions and reviews name what there was."""
PLACEHOLDERS = {"sage/one", "sage/phrases/LANGUAGE/LC_MESSAGES/sage.po"}
MANY = 200


def is_module(name):
    path = ROOT / name.replace(".", "/")
    return path.with_suffix(".py").exists() or (path / "__main__.py").exists()


def missing(text):
    """Return the names in a text of what does not exist."""
    for found in PATH.finditer(text):
        path = ROOT / found["path"]
        if not path.exists():
            yield found["path"]
        elif (test := found["test"]) and not re.search(
            rf"\b(def|class) {test}\b", path.read_text()
        ):
            yield found[0]
    yield from (name for name in MODULE.findall(text) if not is_module(name))


def texts():
    """Yield the path and the text of every script, workflow, configuration and page."""
    yield "tox.ini", (ROOT / "tox.ini").read_text()
    for path in sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*")):
        name = str(path.relative_to(ROOT))
        if path.is_file() and path.suffix in SUFFIXES and not name.startswith(LEFT_OUT):
            yield name, path.read_text()


def test_files_tests_and_modules_that_are_named_exist():
    read = dict(texts())
    assert len(read) > MANY
    wrong = {name: sorted({*missing(text)} - PLACEHOLDERS) for name, text in read.items()}
    assert {name: names for name, names in wrong.items() if names} == {}


def test_a_name_that_leads_nowhere_is_found():
    text = "ci/gone; tests/gone.py tests/pipeline/test_all.py::test_gone\npython -m benchmarks.gone"
    assert [*missing(text)] == [
        "ci/gone",
        "tests/gone.py",
        "tests/pipeline/test_all.py::test_gone",
        "benchmarks.gone",
    ]
    assert [*missing("ci/all, tests/$part.py, /usr/ci/gone; python -m tests.support.engines")] == []
