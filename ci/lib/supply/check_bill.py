"""Hold a CycloneDX bill of materials to its schema and to the lock it is of.

`python check_bill.py BILL LOCK [OMITTED...]` prints the number of components. SystemExit when the
bill is invalid or its Python packages are not the pins of the lock, the omitted ones apart.
"""

from __future__ import annotations

import json
import re
import sys
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
    return len(bill["components"])


if __name__ == "__main__":
    bill, lock = (Path(name).read_text(encoding="utf-8") for name in sys.argv[1:3])
    sys.stdout.write(f"{main(bill, lock, set(sys.argv[3:]))} components\n")
