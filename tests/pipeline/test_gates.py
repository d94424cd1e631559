"""Gates that need no scanner are red on what they are there for."""

import re
import subprocess
import sys
import tomllib
import zipfile

import pytest

from tests.architecture.sources import ROOT


def licences(folder, licence):
    """Judge one wheel that states a licence."""
    with zipfile.ZipFile(folder / "planted-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr(
            "planted-1.dist-info/METADATA",
            f"Name: planted\nVersion: 1\nLicense-Expression: {licence}\n",
        )
    command = (sys.executable, "ci/supply/licences.py", "ci/licences.toml", str(folder))
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("licence", ["MIT OR GPL-3.0-only", "(MIT AND ISC)"])
def test_a_permissive_licence_passes(tmp_path, licence):
    assert licences(tmp_path, licence).returncode == 0


@pytest.mark.parametrize(
    "licence",
    [
        "MIT AND AGPL-3.0-only",
        "GPL-3.0-only AND (MIT OR Apache-2.0)",
        "(MIT OR Apache-2.0) AND GPL-3.0-only",
        "(GPL-3.0-only OR ISC) AND (AGPL-3.0-only OR MIT OR GPL-3.0-only)",
    ],
)
def test_a_licence_that_is_not_listed_is_red_and_named(tmp_path, licence):
    ran = licences(tmp_path, licence)
    assert ran.returncode == 1
    assert f"planted 1: {licence} IS NOT ALLOWED" in ran.stdout


def test_a_folder_without_wheels_is_no_pass(tmp_path):
    command = (sys.executable, "ci/supply/licences.py", "ci/licences.toml", str(tmp_path))
    assert subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 1


FLOORS = tomllib.loads((ROOT / "ci/floors.toml").read_text())["floor"]
LOCKS = [
    *ROOT.glob("requirements*-lock.txt"),
    *ROOT.glob("ci/locks/*.txt"),
    ROOT / "ci/locks/scanners/scan.txt",
]


def floors(lock):
    """Hold one lock to the floors."""
    command = (sys.executable, "ci/supply/floors.py", "ci/floors.toml", str(lock))
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("floor", FLOORS, ids=lambda floor: floor["package"])
def test_a_pin_at_the_floor_passes_and_one_below_is_red_and_names_the_advisory(tmp_path, floor):
    lock = tmp_path / "lock.txt"
    lock.write_text(f"{floor['package']}=={floor['minimum']}\n")
    assert floors(lock).returncode == 0
    lock.write_text(f"{floor['package']}=={floor['minimum']}rc1\n")
    ran = floors(lock)
    assert ran.returncode == 1
    assert f"{floor['package']} {floor['minimum']}rc1 is below" in ran.stdout
    assert floor["advisory"] in ran.stdout


def test_a_lock_that_pins_nothing_is_no_pass(tmp_path):
    (tmp_path / "lock.txt").write_text("# nothing\n")
    assert floors(tmp_path / "lock.txt").returncode == 1


def test_every_floor_is_of_something_pinned_and_names_an_advisory():
    pinned = {
        name for lock in LOCKS for name in re.findall(r"(?m)^([a-z0-9.-]+)==", lock.read_text())
    }
    assert pinned
    assert {floor["package"] for floor in FLOORS} <= pinned
    for floor in FLOORS:
        assert re.fullmatch(r"CVE-\d{4}-\d{4,}|GHSA(-[0-9a-z]{4}){3}", floor["advisory"])
