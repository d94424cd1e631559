"""What only developers of Sage measure, run from a checkout: `python -m benchmarks --help`."""
