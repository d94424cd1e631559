"""Tell by a learned scorer what persons wish of whoever works with them (benchmarks/wishes)."""
