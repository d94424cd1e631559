"""The dependencies of pyproject.toml, the .in files and the locks agree."""

from __future__ import annotations

import re
import sys
import tomllib

import pytest

from tests.architecture.sources import ROOT, imported_modules, sources

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = (
    "requirements-lock.txt",
    "requirements-embedded-lock.txt",
    "requirements-otel-lock.txt",
    "requirements-build-lock.txt",
    "ci/locks/test.txt",
    "ci/locks/tools.txt",
    "ci/locks/interop/interop.txt",
)
# Modules named otherwise than their package, and packages that another one exposes in its own API.
EXPOSED_BY = {
    "Stemmer": "pystemmer",
    "anyio": "mcp",
    "jwt": "mcp",
    "markdown_it": "markdown-it-py",
    "opentelemetry": "mcp",
    "markupsafe": "jinja2",
    "mcp_types": "mcp",
    "pydantic_core": "pydantic",
    "starlette": "fastapi",
}


def requirements(path: str) -> list[str]:
    """Return the requirements of an .in file, without comments and constraints."""
    lines = (line.split(" #")[0].strip() for line in (ROOT / path).read_text().splitlines())
    return [line for line in lines if line and not line.startswith(("#", "-"))]


def name_of(requirement: str) -> str:
    """Return the normalized name of a package."""
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def test_the_image_installs_what_the_package_asks_for():
    assert requirements("requirements.in") == PROJECT["project"]["dependencies"]


@pytest.mark.parametrize("extra", PROJECT["project"]["optional-dependencies"])
def test_an_extra_has_a_lock_of_its_name(extra):
    wanted = PROJECT["project"]["optional-dependencies"][extra]
    assert requirements(f"requirements-{extra}.in") == wanted


def test_the_build_lock_is_what_the_build_asks_for():
    assert requirements("requirements-build.in") == PROJECT["build-system"]["requires"]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_and_hashes_all_and_names_no_host_or_path(lock):
    text = (ROOT / lock).read_text()
    entries = re.split(r"\n(?=\S)", re.sub(r"(?m)^ *#.*\n", "", text).strip())
    assert all(re.match(r"[a-z0-9.-]+==\S+ ", entry) for entry in entries)
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text
    assert " /" not in text


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_every_requirement_of_its_source(lock):
    wanted = {name_of(line) for line in requirements(lock.replace("-lock", "")[:-3] + "in")}
    pinned = {name_of(line) for line in requirements(lock)}
    assert wanted
    assert wanted <= pinned


def test_two_locks_never_pin_one_package_twice():
    pins: dict[str, set[str]] = {}
    for lock in LOCKS:
        for line in requirements(lock):
            if "==" in line:
                pins.setdefault(name_of(line), set()).add(line.split(" ")[0])
    assert not [pin for pin in pins.values() if len(pin) > 1]


def test_sage_imports_only_what_it_declares():
    declared = {
        name_of(line)
        for kind in ("", *(f"-{extra}" for extra in PROJECT["project"]["optional-dependencies"]))
        for line in requirements(f"requirements{kind}.in")
    }
    undeclared = [
        f"{source.line_of(node)} {module}"
        for source in sources("sage")
        for node, module in imported_modules(source)
        if (top := module.split(".")[0]) != "sage"
        and top not in sys.stdlib_module_names
        and EXPOSED_BY.get(top, top).replace("_", "-") not in declared
    ]
    assert not undeclared
