"""Write the bill of materials (CycloneDX 1.6) of an image in an OCI archive.

`python bill.py ARCHIVE` prints it: every Python distribution in the image by name, version, licence
and the hash of its record, and every other file by its path and hash. The same image gives the same
bytes.
"""

from __future__ import annotations

import email.parser
import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "oci"))
from archive import Archive

METADATA = re.compile(r"(?P<folder>.*\.dist-info)/METADATA")


def main(path: Path) -> dict[str, Any]:
    """Build the document from the archive at `path`."""
    with Archive(path) as archive:
        files = archive.files()
        labels = archive.config["config"]["Labels"]
        digest = archive.manifest["config"]["digest"]
    components, covered = [], set()
    for name, (_, content) in files.items():
        if found := METADATA.fullmatch(name):
            record = files[f"{found['folder']}/RECORD"][1]
            site = found["folder"].rpartition("/")[0]
            covered |= {f"{site}/{line.split(',')[0]}" for line in record.decode().splitlines()}
            components.append(_distribution(content, record))
    components += [
        {
            "type": "file",
            "bom-ref": f"file:{name}",
            "name": name,
            "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(content).hexdigest()}],
        }
        for name, (member, content) in files.items()
        if member.isreg() and name not in covered
    ]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "container",
                "bom-ref": digest,
                "name": "sage-mcp",
                "version": labels["org.opencontainers.image.version"],
            }
        },
        "components": sorted(components, key=lambda component: component["bom-ref"]),
    }


def _distribution(metadata: bytes, record: bytes) -> dict[str, Any]:
    said = email.parser.BytesParser().parsebytes(metadata)
    name = re.sub(r"[-_.]+", "-", said["Name"]).lower()
    purl = f"pkg:pypi/{name}@{said['Version']}"
    licence = said["License-Expression"] or (said["License"] or "").split("\n")[0]
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": said["Version"],
        "purl": purl,
        "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(record).hexdigest()}],
        **({"licenses": [{"license": {"name": licence}}]} if licence else {}),
    }


if __name__ == "__main__":
    json.dump(main(Path(sys.argv[1])), sys.stdout, indent=1)
