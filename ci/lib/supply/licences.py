"""Hold the licences of wheels to an allow-list.

`python licences.py ALLOWED FOLDER` lists every wheel's licence and exits with 1 when one is not
allowed. Of alternatives (OR) one must be allowed, of a sum (AND) each; what is nested is not judged
and so not allowed, unless it is listed under `spelt`.
"""

from __future__ import annotations

import email.message
import email.parser
import re
import sys
import tomllib
import zipfile
from pathlib import Path


def main(allowed: Path, folder: Path) -> int:
    """Print package, version, licence and verdict; give 1 when one is not allowed."""
    listed = tomllib.loads(allowed.read_text(encoding="utf-8"))
    wheels = sorted(folder.glob("*.whl"))
    if not wheels:
        sys.exit(f"there are no wheels in {folder}")
    verdict = 0
    for wheel in wheels:
        name, version, licence = _licence_of(wheel)
        licence = listed["spelt"].get(licence, licence)
        fine = is_allowed(licence, set(listed["allowed"]))
        verdict |= not fine
        sys.stdout.write(f"{name} {version}: {licence}{'' if fine else ' IS NOT ALLOWED'}\n")
    return verdict


def is_allowed(licence: str, allowed: set[str]) -> bool:
    """Judge an SPDX expression without exceptions (WITH) or nested choices."""
    licence = re.sub(r"^\((.*)\)$", r"\1", licence.strip())
    if "(" in licence or ")" in licence:
        return False
    return any(
        all(part.strip() in allowed for part in re.split(r"\s+AND\s+", choice))
        for choice in re.split(r"\s+OR\s+", licence)
    )


def _licence_of(wheel: Path) -> tuple[str, str, str]:
    with zipfile.ZipFile(wheel) as files:
        metadata = next(
            n for n in files.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", n)
        )
        said = email.parser.BytesParser().parsebytes(files.read(metadata))
    licence = said["License-Expression"] or (said["License"] or "").split("\n")[0]
    return said["Name"], said["Version"], licence or _classified(said) or "none named"


def _classified(said: email.message.Message) -> str:
    """Return the licences of the classifiers, all of which then have to be allowed."""
    found = (line.rpartition(" :: ") for line in said.get_all("Classifier", []))
    return " AND ".join(name for kind, _, name in found if kind.startswith("License"))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
