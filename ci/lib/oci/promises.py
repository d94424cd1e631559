"""Hold an OCI archive to what Sage promises of its images.

`python promises.py ARCHIVE` prints each broken promise and exits with 1 when there is one.
"""

from __future__ import annotations

import re
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive import Archive

if TYPE_CHECKING:
    from collections.abc import Iterator

UNWANTED = re.compile(
    r"(^|(?<!var/lib)/)(apt|apt-get|dpkg|perl|pip3?|gcc|cc|ld|curl|wget|bash|busybox|ssh|git|su|sudo)$"
    r"|^(root|run/secrets|var/lib/apt|var/cache)/.+|^var/lib/dpkg/(?!status\.d)|(^|/)(\.env|\.git|\.netrc|\.pypirc)$"
)
LABELS = ("title", "description", "licenses", "version", "revision")


def main(path: Path) -> list[str]:
    """List the promises that the archive at `path` breaks."""
    with Archive(path) as archive:
        return [*_of_configuration(archive.config["config"]), *_of_files(archive)]


def _of_configuration(config: dict[str, Any]) -> Iterator[str]:
    if config.get("User") != "10001:10001":
        yield f"the user is {config.get('User') or 0}, not 10001:10001"
    if config.get("Entrypoint") != ["/docker-entrypoint.sh"] or config.get("Cmd") != ["serve"]:
        yield f"it starts {config.get('Entrypoint')} with {config.get('Cmd')}"
    if config.get("Healthcheck", {}).get("Test") != ["CMD", "sage", "healthcheck"]:
        yield "its health is not checked by `sage healthcheck`"
    if set(config.get("ExposedPorts", {})) != {"17800/tcp"}:
        yield f"it exposes {sorted(config.get('ExposedPorts', {}))}"
    if set(config.get("Volumes", {})) != {"/data"}:
        yield f"its volumes are {sorted(config.get('Volumes', {}))}"
    for name in LABELS:
        if not config.get("Labels", {}).get(f"org.opencontainers.image.{name}"):
            yield f"it has no label {name}"


def _of_files(archive: Archive) -> Iterator[str]:
    for name, (member, _) in archive.files().items():
        if UNWANTED.search(name):
            yield f"{name} does not belong in the image"
        if member.mode & (stat.S_ISUID | stat.S_ISGID):
            yield f"{name} runs with the rights of its owner (setuid or setgid)"
        if member.mode & stat.S_IWOTH and not member.issym() and name != "tmp":
            yield f"{name} can be written by all"


if __name__ == "__main__":
    broken = main(Path(sys.argv[1]))
    sys.stdout.writelines(f"{promise}\n" for promise in broken)
    sys.exit(bool(broken))
