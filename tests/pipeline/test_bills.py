"""Bills of materials, which ci/sbom makes, are held to their schema and to the lock."""

import ast
import json
import subprocess

import pytest

from tests.architecture.sources import ROOT

pytestmark = pytest.mark.timeout(600)  # packages are installed


JUDGED = """
import runpy, sys
sys.argv = ["check_bill.py", *sys.argv[1:3]]
for bill in sys.stdin:
    with open(sys.argv[1], "w") as file:
        file.write(bill)
    try:
        runpy.run_path("ci/lib/supply/check_bill.py", run_name="__main__")
    except SystemExit as end:
        print(repr(end.code))
"""


def judge(folder, *bills):
    """Hold bills to the schema and to a lock with one pin, as ci/sbom does; return what is said."""
    scanners = subprocess.check_output([ROOT / "ci/tools", "scanners"], text=True).strip()
    (folder / "lock.txt").write_text("planted==1.0 \\\n    --hash=sha256:00\n")
    ran = subprocess.run(
        [f"{scanners}/python", "-c", JUDGED, folder / "bill.json", folder / "lock.txt"],
        input="".join(f"{json.dumps(bill)}\n" for bill in bills),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout.splitlines()


def bill_of(component, **more):
    """Return a bill of one component."""
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [component], **more}


def test_a_bill_that_is_not_complete_valid_and_the_same_every_time_is_red_and_says_so(tmp_path):
    complete = {
        "type": "library",
        "name": "Planted",
        "version": "1.0",
        "purl": "pkg:pypi/planted@1.0",
        "licenses": [{"license": {"id": "MIT"}}],
    }
    changes = {
        "('planted', '1.0')": {"purl": "pkg:pypi/planted@1.1"},
        "nonsense": {"type": "nonsense"},
        "without a licence: ['Planted']": {"licenses": []},
        "places of this machine: ['/tmp']": {"description": "/tmp/venv"},
        str(ROOT): {"description": str(ROOT)},
    }
    wrong = {said: bill_of(complete | change) for said, change in changes.items()}
    wrong["another in each run: ['timestamp']"] = bill_of(
        complete, metadata={"timestamp": "2026-11-29T00:00:00Z"}
    )
    right, *reasons = judge(tmp_path, bill_of(complete), *wrong.values())
    assert right == "1 components"
    for said, reason in zip(wrong, reasons, strict=True):
        assert said in ast.literal_eval(reason), reason
