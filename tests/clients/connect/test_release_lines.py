"""Pages, plugins and server.json say whose Sage it is, and how it is installed: ci/release.toml."""

import json
import re

import jsonschema
import pytest

from tests.architecture.sources import ROOT
from tests.clients.connect.rendering import copied_tree, render, texts
from tests.clients.connect.test_registry import SCHEMA
from tests.docs.pages import commands

INSTALLS = re.compile(r"\b(pipx|uv tool) install (?!dist/)|\buvx --from sage")


@pytest.fixture
def tree(tmp_path):
    return copied_tree(tmp_path / "tree")


def settle(tree, owner, released):
    """Write the settings, and make what follows from them; return all texts."""
    settings = tree / "ci/release.toml"
    before = settings.read_text()
    text = re.sub(r'owner = ".*"', f'owner = "{owner}"', before)
    settings.write_text(re.sub(r"released = .*", f"released = {str(released).lower()}", text))
    made = render(tree, "--write")
    assert made.returncode == 0, made.stderr
    assert render(tree).stdout == ""
    return texts(tree)


def installing(found):
    """Return the pages that name a package of an index to install."""
    return {name for name, text in found.items() if name.endswith(".md") and INSTALLS.search(text)}


def test_a_tree_that_is_not_released_names_a_clone_and_no_package_of_an_index(tree):
    found = settle(tree, "OWNER", released=False)
    assert installing(found) == set()
    assert "./start-sage-mcp.sh" in found["README.md"]
    assert "marketplace add ./" in found["integrations/README.md"]


def test_a_released_tree_names_packages_and_its_owner_everywhere_and_the_way_back_is_the_same(tree):
    before = texts(tree)
    released = settle(tree, "Some-One", released=True)
    assert installing(released) == {
        *("README.md", "README.zh-CN.md"),
        *("docs/machines.md", "docs/zh/machines.md"),
    }
    assert [name for name, text in released.items() if "OWNER" in text] == []
    for name, line in (
        ("README.md", "<!-- mcp-name: io.github.Some-One/sage -->"),
        ("integrations/README.md", "claude plugin marketplace add Some-One/sage"),
        ("integrations/README.md", "gemini extensions install https://github.com/Some-One/sage"),
        ("docs/maintenance.md", "uv tool upgrade sage-memory-server"),
        ("docs/releasing.md", "cosign verify ghcr.io/some-one/sage:VERSION"),
        ("docs/releasing.md", "https://github.com/Some-One/sage/.github/workflows/release.yml@"),
        ("deploy/helm/sage/README.md", "image.repository=ghcr.io/some-one/sage"),
        ("deploy/helm/sage/templates/_checks.tpl", "ghcr.io/some-one/sage"),
        ("integrations/mcpb/manifest.json", '"default": "${HOME}/.local/bin/sage"'),
    ):
        assert line in released[name], name
    entry = json.loads(released["server.json"])
    jsonschema.Draft7Validator(SCHEMA).validate(entry)
    assert entry["name"] == "io.github.Some-One/sage"
    assert [*commands(released["README.md"])]
    assert settle(tree, "OWNER", released=False) == before


def test_what_is_here_is_what_follows_from_the_settings():
    assert render(ROOT).stdout == ""
