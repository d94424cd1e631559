"""server.json, the entry of the MCP registry, and the bundle for Claude Desktop.

`registry/server.schema.json` is the registry's schema of 2025-12-11, as published in
modelcontextprotocol/static, without its examples of registries; its licence is beside it.
"""

import json
import subprocess
import tomllib
from pathlib import Path

import jsonschema
import pytest

from sage import __version__
from tests.architecture.sources import ROOT

SCHEMA = json.loads((Path(__file__).parent / "registry/server.schema.json").read_text())
ENTRY = json.loads((ROOT / "server.json").read_text())
SCRIPT = ROOT / "integrations/mcpb/server/sage-mcp"


def test_the_entry_follows_the_schema_it_names():
    assert ENTRY["$schema"] == SCHEMA["$id"]
    jsonschema.Draft7Validator(SCHEMA).validate(ENTRY)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(SCHEMA).validate(ENTRY | {"name": "sage"})


def test_its_name_stands_where_the_registry_looks_for_whose_it_is():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    description = (ROOT / project["readme"]).read_text()
    assert description.count(f"<!-- mcp-name: {ENTRY['name']} -->") == 1
    assert ENTRY["packages"][0]["identifier"] == project["name"]


def test_it_names_this_release_and_asks_nothing():
    (package,) = ENTRY["packages"]
    assert ENTRY["version"] == package["version"] == __version__
    arguments = [*package["runtimeArguments"], *package["packageArguments"]]
    assert all("value" in one for one in arguments)
    assert "environmentVariables" not in package


def test_the_bundle_starts_the_program_that_was_chosen(tmp_path):
    program = tmp_path / "my sage"
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    program.chmod(0o755)
    command = ["/bin/sh", SCRIPT, program, tmp_path / "my data"]
    started = subprocess.run(command, capture_output=True, text=True, check=True)
    assert started.stdout.splitlines() == ["mcp", "--data-dir", str(tmp_path / "my data")]


def test_the_bundle_says_what_to_choose_where_there_is_no_program(tmp_path):
    command = ["/bin/sh", SCRIPT, tmp_path / "gone", tmp_path]
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "choose the file sage" in refused.stderr
    assert refused.stdout == ""
