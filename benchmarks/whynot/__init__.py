"""Measure whether Sage states the correct reason why a known answer was not found."""
