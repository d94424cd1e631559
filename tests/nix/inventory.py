"""Runs inside an image, on the standard library: what its Python and its packages are.

Prints the interpreter's version, a line for each distribution, and the hash of each file of
site-packages. Of RECORD files the lines on scripts are left out: their first line, and so their
hash, names the folder of the installation.
"""

# ruff: noqa: T201 - what it prints is its answer
import hashlib
import importlib.metadata
import os
import platform
import sysconfig
from pathlib import Path

root = Path(sysconfig.get_path("purelib"))
print("python", platform.python_version())
for distribution in importlib.metadata.distributions(path=[str(root)]):
    print("package", distribution.name, distribution.version)
for folder, _, files in os.walk(root, followlinks=True):
    for name in files:
        path = Path(folder, name)
        content = path.read_bytes()
        if name == "RECORD":
            lines = content.splitlines(keepends=True)
            content = b"".join(line for line in lines if not line.startswith(b"../../../bin/"))
        print("file", path.relative_to(root), hashlib.sha256(content).hexdigest())
