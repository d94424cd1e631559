"""Assemble the root file system of the image: the interpreter, its libraries and nothing else.

Runs in the build stage as `python3 rootfs.py TARGET TREE...`; TREEs are folders that come into the
image as they are, and whose shared objects need their libraries too.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from normalize import normalize
from strip import strip

USER_ID = 10001
NOT_NEEDED = shutil.ignore_patterns(
    "__pycache__",
    "config-*",
    "dist-packages",
    "ensurepip",
    "idlelib",
    "lib2to3",
    "pydoc_data",
    "site-packages",
    "test",
    "tests",
    "tkinter",
    "turtle*",
    "venv",
    "_curses*.so",
    "_dbm*.so",
    "_gdbm*.so",
    "_test*.so",
    "_tkinter*.so",
    "_xxtestfuzz*.so",
    "readline*.so",
    "xxlimited*.so",
    "xxsubtype*.so",
)
ACCOUNTS = {
    "etc/passwd": "root:x:0:0:root:/:/sbin/nologin\nsage:x:{id}:{id}:Sage:/data:/sbin/nologin\n",
    "etc/group": "root:x:0:\nsage:x:{id}:\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
RECORD = (
    r"Package: ${Package}\nStatus: ${Status}\nVersion: ${Version}\nArchitecture: ${Architecture}\n"
    r"Source: ${source:Package} (${source:Version})\n"
)


def main(target: Path, trees: list[Path]) -> None:
    """Write the root file system into `target`, which must not exist."""
    for folder in ("usr/bin", "usr/lib", "usr/lib64", "etc"):
        (target / folder).mkdir(parents=True)
    for link in ("bin", "lib", "lib64"):
        (target / link).symlink_to(f"usr/{link}")
    interpreter = Path(sys.executable).resolve()
    library = Path(sysconfig.get_path("stdlib"))
    _copy(interpreter, target)
    (target / interpreter.relative_to("/")).with_name("python3").symlink_to(interpreter.name)
    _copy(Path("/bin/sh"), target)
    shutil.copytree(library, target / library.relative_to("/"), ignore=NOT_NEEDED, symlinks=True)
    needing = [interpreter, Path("/bin/sh"), *_shared_objects(target / library.relative_to("/"))]
    for tree in trees:
        needing.extend(_shared_objects(tree))
    for file in _libraries_of(needing, outside=trees):
        _copy(file, target)
    for file in _shared_objects(target):
        strip(file)
    _link_libraries(target)
    _copy(AUTHORITIES, target)
    _record_packages(target)
    for name, text in ACCOUNTS.items():
        (target / name).write_text(text.format(id=USER_ID), encoding="ascii")
    _writable_folders(target)
    normalize(target, root=target)


def _copy(file: Path, target: Path) -> None:
    """Copy a file, under its own name, to its place behind the links of /bin and /lib."""
    place = target / (file.parent.resolve() / file.name).relative_to("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(file.resolve(), place)


def _shared_objects(folder: Path) -> list[Path]:
    files = (path for path in folder.rglob("*.so*") if not path.is_symlink())
    return sorted(path for path in files if path.is_file())


def _libraries_of(files: list[Path], *, outside: list[Path]) -> set[Path]:
    """Ask the loader what the files need, beyond what lies in the trees themselves."""
    answer = subprocess.run(  # noqa: S603 - runs on the build stage's own files
        ["/usr/bin/ldd", *map(str, files)], capture_output=True, text=True, check=False
    ).stdout
    missing = sorted(set(re.findall(r"^\s+(\S+) => not found", answer, re.MULTILINE)))
    if missing:
        sys.exit(f"the base image lacks libraries: {', '.join(missing)}")
    found = re.findall(r"^\s+(?:\S+ => )?(/\S+) \(0x", answer, re.MULTILINE)
    paths = {Path(name) for name in found}
    return {path for path in paths if not any(path.is_relative_to(tree) for tree in outside)}


def _link_libraries(target: Path) -> None:
    """Write the loader's cache: libpython is found by it where the base has one."""
    shutil.copy2("/etc/ld.so.conf", target / "etc/ld.so.conf")
    shutil.copytree("/etc/ld.so.conf.d", target / "etc/ld.so.conf.d")
    subprocess.run(["/sbin/ldconfig", "-r", str(target)], check=True)  # noqa: S603 - see above
    shutil.rmtree(target / "var", ignore_errors=True)


def _record_packages(target: Path) -> None:
    """Say, where scanners look for it, which of Debian's packages the files are from."""
    for name in ("os-release", "debian_version"):
        shutil.copy2(f"/etc/{name}", target / "etc" / name)
    files = [f"/{path.relative_to(target)}" for path in target.rglob("*") if path.is_file()]
    owners = subprocess.run(  # noqa: S603 - see above
        ["/usr/bin/dpkg-query", "--search", *files], capture_output=True, text=True, check=False
    ).stdout
    records = target / "var/lib/dpkg/status.d"
    records.mkdir(parents=True)
    for package in sorted(set(re.findall(r"^(\S+): /", owners, re.MULTILINE))):
        record = subprocess.run(  # noqa: S603 - see above
            ["/usr/bin/dpkg-query", "--show", "--showformat", RECORD, package],
            capture_output=True,
            check=True,
        ).stdout
        (records / package.partition(":")[0]).write_bytes(record)


def _writable_folders(target: Path) -> None:
    (target / "tmp").mkdir()
    (target / "tmp").chmod(0o1777)
    (target / "data").mkdir(mode=0o700)
    os.chown(target / "data", USER_ID, USER_ID)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
