"""Hold a CycloneDX bill of materials to its schema and to the lock it is of.

`python check_bill.py BILL LOCK [OMITTED...]` prints the number of components. SystemExit when the
bill is invalid, differs from run to run, or its Python packages are not the pins of the lock, the
omitted ones apart. Where none is omitted, the bill is of an environment that was just installed:
it has the licence of each package and does not name the place.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

PIN = re.compile(r"^([a-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)
PURL = re.compile(r"pkg:pypi/([^@?]+)@([^?]+)")
PROBLEM_LENGTH = 500


def main(text: str, lock: str, omitted: set[str]) -> int:
    """Count the components of a bill that is valid and complete."""
    bill = json.loads(text)
    version = SchemaVersion.from_version(bill["specVersion"])
    if problem := JsonStrictValidator(version).validate_str(text):
        sys.exit(str(problem)[:PROBLEM_LENGTH])
    purls = (component.get("purl", "") for component in bill["components"])
    listed = {(found[1], found[2]) for purl in purls if (found := PURL.fullmatch(purl))}
    pinned = {pin for pin in PIN.findall(lock) if pin[0] not in omitted}
    if listed != pinned:
        sys.exit(f"in the bill or in the lock only: {sorted(listed ^ pinned)}")
    if varying := {"serialNumber", "timestamp"} & {*bill, *bill.get("metadata", {})}:
        sys.exit(f"another in each run: {sorted(varying)}")
    if not omitted:
        check_environment(text, bill["components"])
    return len(bill["components"])


def check_environment(text: str, components: list[dict[str, object]]) -> None:
    """Raise SystemExit where a licence is missing, or a folder of this machine is named."""
    if bare := [component["name"] for component in components if not component.get("licenses")]:
        sys.exit(f"without a licence: {bare}")
    places = {tempfile.gettempdir(), "/tmp", str(Path.cwd())}  # noqa: S108 - to be found
    if named := sorted(place for place in places if place in text):
        sys.exit(f"places of this machine: {named}")


if __name__ == "__main__":
    bill, lock = (Path(name).read_text(encoding="utf-8") for name in sys.argv[1:3])
    sys.stdout.write(f"{main(bill, lock, set(sys.argv[3:]))} components\n")
