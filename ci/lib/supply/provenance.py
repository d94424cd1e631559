"""State where the files of a release come from.

`python provenance.py BUILDER SOURCE COMMIT BASE FILE...` prints an in-toto statement (v1) with
SLSA's provenance (v1) on the files: who built them, of which commit, base image and wheels. BASE is
the name of an image, `@sha256:` and its digest. The same arguments give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
LOCK = "requirements-lock.txt"


def main(builder: str, source: str, commit: str, base: str, files: list[Path]) -> dict[str, Any]:
    """Build the statement."""
    git = {"uri": source, "digest": {"gitCommit": commit}}
    name, digest = base.rsplit("@sha256:", 1)
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": file.name, "digest": _digest(file)} for file in sorted(files)],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": "urn:sage:build:ci/archives:v1",
                "externalParameters": {"source": git},
                "resolvedDependencies": [
                    git,
                    {"uri": f"docker:{name}", "digest": {"sha256": digest}},
                    {"name": LOCK, "digest": _digest(ROOT / LOCK)},
                    *_wheels(),
                ],
            },
            "runDetails": {"builder": {"id": builder}},
        },
    }


def _wheels() -> list[dict[str, Any]]:
    wheels = json.loads((ROOT / "nix/wheels.json").read_bytes())[LOCK]
    return [
        {
            "name": wheel["file"],
            "uri": f"pkg:pypi/{wheel['name']}@{wheel['version']}",
            "digest": {"sha256": wheel["sha256"]},
        }
        for wheel in wheels
    ]


def _digest(path: Path) -> dict[str, str]:
    with path.open("rb") as file:
        return {"sha256": hashlib.file_digest(file, "sha256").hexdigest()}


if __name__ == "__main__":
    statement = main(*sys.argv[1:5], [Path(name) for name in sys.argv[5:]])
    sys.stdout.write(json.dumps(statement, indent=1) + "\n")
