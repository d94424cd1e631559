"""The verbs of `python -m benchmarks`, one file each."""
