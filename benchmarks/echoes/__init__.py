"""Measure the retrieval of facts after the same question was asked many times."""
