"""Fit the coefficients of the relevance, and measure its accuracy."""
