"""Hold a bill of materials to the schema of CycloneDX 1.6 and to the lock it is of.

`python valid.py BILL LOCK [OMITTED...]` prints the number of components. SystemExit when the bill
is invalid or its libraries are not the pins of the lock, the omitted ones apart, with hashes.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

PIN = re.compile(r"^([a-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)
PROBLEM_LENGTH = 500


def main(text: str, lock: str, omitted: set[str]) -> int:
    """Count the components of a bill that is valid and complete."""
    if problem := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        sys.exit(str(problem)[:PROBLEM_LENGTH])
    components: list[dict[str, Any]] = json.loads(text)["components"]
    listed = {
        (re.sub(r"[-_.]+", "-", component["name"]).lower(), component["version"])
        for component in components
        if component["type"] == "library" and component.get("hashes")
    }
    pinned = {pin for pin in PIN.findall(lock) if pin[0] not in omitted}
    if listed != pinned:
        sys.exit(f"in the bill or in the lock only: {sorted(listed ^ pinned)}")
    return len(components)


if __name__ == "__main__":
    bill, lock = (Path(name).read_text(encoding="utf-8") for name in sys.argv[1:3])
    sys.stdout.write(f"{main(bill, lock, set(sys.argv[3:]))} components\n")
