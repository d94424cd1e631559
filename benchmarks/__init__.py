"""Benchmarks for developers of Sage, run in a checkout: `python -m benchmarks --help`."""
