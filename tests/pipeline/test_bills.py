"""Bills of materials name every pin of the lock, are valid, and are the same bytes every time."""

import json
import re
import subprocess

import pytest

from tests.architecture.sources import ROOT

LOCK = (ROOT / "requirements-lock.txt").read_text()
PINS = {
    name: (version, set(re.findall(r"sha256:([0-9a-f]{64})", hashes)))
    for name, version, hashes in re.findall(
        r"(?m)^([a-z0-9.-]+)==([^ ;]+)(.*(?:\n +--hash=.*)+)", LOCK
    )
}


@pytest.fixture(scope="module")
def bill():
    """Run ci/sbom, which installs the lock twice, compares both bills and validates."""
    subprocess.run([ROOT / "ci/sbom", "environment"], check=True)
    return json.loads((ROOT / "dist/sbom-environment.json").read_text())


def judge(tmp_path, bill):
    """Hold a bill to the schema and the lock, as ci/sbom does."""
    scanners = subprocess.check_output([ROOT / "ci/scanners"], text=True).strip()
    (tmp_path / "bill.json").write_text(json.dumps(bill))
    command = [f"{scanners}/python", "ci/supply/valid.py", tmp_path / "bill.json"]
    return subprocess.run(
        [*command, "requirements-lock.txt"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_bill_of_the_environment_names_every_pin_with_version_and_the_hash_of_its_wheel(bill):
    listed = {
        re.sub(r"[-_.]+", "-", component["name"]).lower(): component
        for component in bill["components"]
    }
    assert PINS
    assert set(listed) == set(PINS)
    for name, (version, hashes) in PINS.items():
        assert listed[name]["version"] == version
        assert {digest["content"] for digest in listed[name]["hashes"]} <= hashes
        assert listed[name]["licenses"]


def test_the_bill_names_neither_a_time_nor_a_place(bill):
    text = json.dumps(bill)
    assert not {"timestamp", "serialNumber"} & (set(bill) | set(bill["metadata"]))
    assert "/tmp" not in text
    assert str(ROOT) not in text


def test_a_bill_that_lacks_a_hash_or_is_invalid_is_red_and_says_so(tmp_path, bill):
    first, *others = bill["components"]
    ran = judge(tmp_path, {**bill, "components": [{**first, "hashes": []}, *others]})
    assert ran.returncode == 1
    assert f"'{first['version']}'" in ran.stderr

    ran = judge(tmp_path, {**bill, "components": [{**first, "type": "planted"}, *others]})
    assert ran.returncode == 1
    assert "planted" in ran.stderr
