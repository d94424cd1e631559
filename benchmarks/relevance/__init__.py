"""Fit and measure whether Sage knows when it does not know."""
