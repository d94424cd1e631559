"""Tests of one process embed what they have in common once."""

import pytest


@pytest.fixture(autouse=True)
def _same_vectors(texts_embedded_once):
    """Take the vectors of a text from the test that embedded it first."""
