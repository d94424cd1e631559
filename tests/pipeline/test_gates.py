"""Gates that need no scanner are red on what they are there for."""

import re
import subprocess
import sys
import tomllib
import zipfile

import pytest

from tests.architecture.sources import ROOT

SUPPLY = ROOT / "ci/lib/supply"


def licences(folder, licence):
    """Judge one wheel that states a licence."""
    return licences_of(folder, f"License-Expression: {licence}\n")


def licences_of(folder, stated):
    """Judge one wheel with those lines of metadata."""
    with zipfile.ZipFile(folder / "planted-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("planted-1.dist-info/METADATA", f"Name: planted\nVersion: 1\n{stated}")
    return check_licences(folder)


def check_licences(folder):
    """Hold the wheels of a folder to the allow-list."""
    command = (sys.executable, SUPPLY / "licences.py", SUPPLY / "licences.toml", folder)
    return subprocess.run(command, capture_output=True, text=True, check=False)


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


@pytest.mark.parametrize(
    ("classifiers", "code"),
    [(["MIT License"], 0), (["MIT License", "GNU General Public License v3 (GPLv3)"], 1)],
)
def test_every_licence_of_the_classifiers_has_to_be_allowed(tmp_path, classifiers, code):
    lines = (f"Classifier: License :: OSI Approved :: {name}\n" for name in classifiers)
    assert licences_of(tmp_path, "".join(lines)).returncode == code


def test_a_folder_without_wheels_is_no_pass(tmp_path):
    assert check_licences(tmp_path).returncode == 1


MINIMUMS = tomllib.loads((SUPPLY / "minimum-versions.toml").read_text())["package"]
LOCKS = [
    *ROOT.glob("requirements*-lock.txt"),
    *ROOT.glob("ci/locks/*.txt"),
    ROOT / "ci/locks/scanners/scan.txt",
]


def check_versions(lock):
    """Hold one lock to the minimum versions."""
    script, listed = SUPPLY / "minimum_versions.py", SUPPLY / "minimum-versions.toml"
    command = (sys.executable, script, listed, lock)
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("package", MINIMUMS, ids=lambda package: package["name"])
def test_a_pin_at_the_minimum_passes_and_one_below_is_red_and_names_the_advisory(tmp_path, package):
    lock = tmp_path / "lock.txt"
    lock.write_text(f"{package['name']}=={package['minimum']}\n")
    assert check_versions(lock).returncode == 0
    lock.write_text(f"{package['name']}=={package['minimum']}rc1\n")
    ran = check_versions(lock)
    assert ran.returncode == 1
    assert f"{package['name']} {package['minimum']}rc1 is below" in ran.stdout
    assert package["advisory"] in ran.stdout


def test_a_lock_that_pins_nothing_is_no_pass(tmp_path):
    (tmp_path / "lock.txt").write_text("# nothing\n")
    assert check_versions(tmp_path / "lock.txt").returncode == 1


def test_every_minimum_is_of_something_pinned_and_names_an_advisory():
    pinned = {
        name for lock in LOCKS for name in re.findall(r"(?m)^([a-z0-9.-]+)==", lock.read_text())
    }
    assert pinned
    assert {package["name"] for package in MINIMUMS} <= pinned
    for package in MINIMUMS:
        assert re.fullmatch(r"CVE-\d{4}-\d{4,}|GHSA(-[0-9a-z]{4}){3}", package["advisory"])
