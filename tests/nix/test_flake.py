"""What the flake promises that can be read off its files; ci/nix and ci/parity run it."""

import json
import os
import re
import shutil
import subprocess

import pytest

from tests.architecture.sources import ROOT
from tests.support.each import each

FLAKE = (ROOT / "flake.nix").read_text()
FILES = sorted([*(ROOT / "nix").rglob("*.nix"), *(ROOT / "ci/offline").rglob("*.nix")])


def test_the_flake_only_lists():
    assert FLAKE.count("\n") <= 80
    assert re.findall(r"^  inputs\.(\w+)", FLAKE, re.MULTILINE) == ["nixpkgs"]
    for name in re.findall(r"\./nix/(\S+)", FLAKE):
        assert (ROOT / "nix" / name).exists()


def test_the_one_input_is_pinned_by_revision_and_hash():
    nodes = json.loads((ROOT / "flake.lock").read_text())["nodes"]
    assert set(nodes) == {"root", "nixpkgs"}
    pinned, asked = nodes["nixpkgs"]["locked"], nodes["nixpkgs"]["original"]
    assert re.fullmatch(r"[0-9a-f]{40}", pinned["rev"])
    assert pinned["narHash"].startswith("sha256-")
    assert "github:{owner}/{repo}/{ref}".format(**asked) in FLAKE


@each("file", FILES)
def test_a_nix_file_is_short_and_names_no_host(file):
    text = file.read_text()
    assert text.count("\n") <= 300
    assert not re.search(r"://(?!\w+@127\.0\.0\.1)", text)


@pytest.mark.parametrize(("ci", "code"), [("", 3), ("true", 1)])
def test_a_machine_without_nix_skips_aloud_and_fails_where_it_counts(tmp_path, ci, code):
    for tool in ("bash", "dirname"):
        (tmp_path / tool).symlink_to(shutil.which(tool))
    ran = subprocess.run(
        [ROOT / "ci/nix", "--nixpkgs"],
        env={**os.environ, "PATH": str(tmp_path), "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (code, "nix: skipped: no Nix here\n")
