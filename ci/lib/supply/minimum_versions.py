"""Hold the pins of locks to the minimum versions of a list.

`python minimum_versions.py LIST LOCK...` prints each pin that is too low and exits with 1 if there
is one.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version

PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>\S+)", re.MULTILINE)


def main(minimums: Path, locks: list[Path]) -> list[str]:
    """List the pins that are too low. SystemExit when a lock pins nothing at all."""
    listed = tomllib.loads(minimums.read_text(encoding="utf-8"))["package"]
    too_low = []
    for lock in locks:
        pins = {
            canonicalize_name(pin["name"]): pin["version"]
            for pin in PIN.finditer(lock.read_text(encoding="utf-8"))
        }
        if not pins:
            sys.exit(f"{lock} pins nothing")
        too_low += [
            f"{lock}: {package['name']} {pins[package['name']]} is below {package['minimum']} "
            f"({package['advisory']})"
            for package in listed
            if package["name"] in pins
            and Version(pins[package["name"]]) < Version(package["minimum"])
        ]
    return too_low


if __name__ == "__main__":
    found = main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
    sys.stdout.writelines(f"{line}\n" for line in found)
    sys.exit(bool(found))
