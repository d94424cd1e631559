"""The verbs of `python -m benchmarks`, one module each."""
