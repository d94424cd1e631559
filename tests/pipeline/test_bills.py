"""Bills of materials, which ci/sbom makes, are held to their schema and to the lock."""

import json
import subprocess

import pytest

from tests.architecture.sources import ROOT

pytestmark = pytest.mark.timeout(600)  # packages are installed


def judge(folder, component, **more):
    """Hold a bill of one component to the schema and to a lock with one pin, as ci/sbom does."""
    scanners = subprocess.check_output([ROOT / "ci/tools", "scanners"], text=True).strip()
    bill = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [component], **more}
    (folder / "bill.json").write_text(json.dumps(bill))
    (folder / "lock.txt").write_text("planted==1.0 \\\n    --hash=sha256:00\n")
    command = (
        f"{scanners}/python",
        "ci/lib/supply/check_bill.py",
        folder / "bill.json",
        folder / "lock.txt",
    )
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_bill_that_is_not_complete_valid_and_the_same_every_time_is_red_and_says_so(tmp_path):
    complete = {
        "type": "library",
        "name": "Planted",
        "version": "1.0",
        "purl": "pkg:pypi/planted@1.0",
        "licenses": [{"license": {"id": "MIT"}}],
    }
    assert judge(tmp_path, complete).returncode == 0
    for change, said in (
        ({"purl": "pkg:pypi/planted@1.1"}, "('planted', '1.0')"),
        ({"type": "nonsense"}, "nonsense"),
        ({"licenses": []}, "without a licence: ['Planted']"),
        ({"description": "/tmp/venv"}, "places of this machine: ['/tmp']"),
        ({"description": str(ROOT)}, str(ROOT)),
    ):
        ran = judge(tmp_path, {**complete, **change})
        assert ran.returncode == 1
        assert said in ran.stderr
    ran = judge(tmp_path, complete, metadata={"timestamp": "2026-11-29T00:00:00Z"})
    assert ran.returncode == 1
    assert "another in each run: ['timestamp']" in ran.stderr
