"""Write the wheel lock: for each requirements lock, the wheels that pip took for it.

`python wheels.py LOCK=REPORT...` reads pip's installation reports and prints the lock as JSON.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any


def main(reports: dict[str, Path]) -> dict[str, list[dict[str, str]]]:
    """Map each lock to its wheels: name, version, file name and sha256, by name."""
    return {lock: _wheels(json.loads(path.read_bytes())) for lock, path in reports.items()}


def _wheels(report: dict[str, Any]) -> list[dict[str, str]]:
    wheels = [
        {
            "name": re.sub(r"[-_.]+", "-", item["metadata"]["name"]).lower(),
            "version": item["metadata"]["version"],
            "file": item["download_info"]["url"].rpartition("/")[2],
            "sha256": item["download_info"]["archive_info"]["hashes"]["sha256"],
        }
        for item in report["install"]
    ]
    return sorted(wheels, key=lambda wheel: wheel["name"])


if __name__ == "__main__":
    named = dict(argument.split("=", 1) for argument in sys.argv[1:])
    wheels = main({lock: Path(report) for lock, report in named.items()})
    sys.stdout.write(json.dumps(wheels, indent=2) + "\n")
