"""Bills of materials name every pin of the lock, are valid, and are the same bytes every time."""

import json
import re
import subprocess

import pytest

from tests.architecture.sources import ROOT

pytestmark = pytest.mark.timeout(600)  # packages are installed

LOCK = (ROOT / "requirements-lock.txt").read_text()
PINS = dict(re.findall(r"(?m)^([a-z0-9.-]+)==([^ ;]+)", LOCK))


def judge(folder, component):
    """Hold a bill of one component to the schema and to a lock with one pin, as ci/sbom does."""
    scanners = subprocess.check_output([ROOT / "ci/tools", "scanners"], text=True).strip()
    bill = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [component]}
    (folder / "bill.json").write_text(json.dumps(bill))
    (folder / "lock.txt").write_text("planted==1.0 \\\n    --hash=sha256:00\n")
    command = (
        f"{scanners}/python",
        "ci/lib/supply/check_bill.py",
        folder / "bill.json",
        folder / "lock.txt",
    )
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_bill_of_the_environment_names_every_pin_with_its_licence_and_no_place():
    """ci/sbom installs the lock twice, compares both bills and validates."""
    subprocess.run([ROOT / "ci/sbom", "environment"], check=True)
    text = (ROOT / "dist/sbom-environment.json").read_text()
    bill = json.loads(text)
    listed = {
        re.sub(r"[-_.]+", "-", component["name"]).lower(): component
        for component in bill["components"]
    }
    assert PINS
    assert set(listed) == set(PINS)
    for name, version in PINS.items():
        assert listed[name]["version"] == version
        assert listed[name]["licenses"]
    assert not {"timestamp", "serialNumber"} & (set(bill) | set(bill["metadata"]))
    assert "/tmp" not in text
    assert str(ROOT) not in text


def test_a_bill_that_lacks_a_pin_or_is_invalid_is_red_and_says_so(tmp_path):
    complete = {
        "type": "library",
        "name": "Planted",
        "version": "1.0",
        "purl": "pkg:pypi/planted@1.0",
    }
    assert judge(tmp_path, complete).returncode == 0
    for change, said in (
        ({"purl": "pkg:pypi/planted@1.1"}, "('planted', '1.0')"),
        ({"type": "nonsense"}, "nonsense"),
    ):
        ran = judge(tmp_path, {**complete, **change})
        assert ran.returncode == 1
        assert said in ran.stderr
