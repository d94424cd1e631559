"""Benchmarks for developers of Sage, run in a checkout: `python -m benchmarks --help`."""

import sys
from importlib.util import find_spec

if find_spec("pytest") is None:
    sys.exit("benchmarks need the packages of the tests: run `$(ci/lib/tested) -m benchmarks`")
