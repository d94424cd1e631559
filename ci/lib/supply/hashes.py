"""Put the hash of its wheel to each component of a CycloneDX bill of an environment.

`python hashes.py BILL REPORT` reads the bill and the report of the installation by pip, and prints
the bill. SystemExit when the two do not hold the same packages.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any


def main(bill: dict[str, Any], report: dict[str, Any]) -> dict[str, Any]:
    """Give the bill with hashes."""
    hashes = {
        _key(item["metadata"]): item["download_info"]["archive_info"]["hashes"]["sha256"]
        for item in report["install"]
    }
    if differing := {_key(component) for component in bill["components"]} ^ set(hashes):
        sys.exit(f"in the bill or in the report only: {differing}")
    components = [
        {**component, "hashes": [{"alg": "SHA-256", "content": hashes[_key(component)]}]}
        for component in bill["components"]
    ]
    return {**bill, "components": components}


def _key(package: dict[str, Any]) -> tuple[str, str]:
    return re.sub(r"[-_.]+", "-", package["name"]).lower(), package["version"]


if __name__ == "__main__":
    documents = [json.loads(Path(name).read_bytes()) for name in sys.argv[1:]]
    sys.stdout.write(json.dumps(main(*documents), indent=1) + "\n")
