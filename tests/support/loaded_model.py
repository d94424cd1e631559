"""The bundled model of the command line in this process, loaded once and not by every verb."""

from functools import cache

import pytest

from sage.providers import local

_load_once = cache(local._load)  # noqa: SLF001 - what fails is not kept, and tried again


@pytest.fixture
def model_loaded_once(monkeypatch):
    """Share the model with other verbs of this process; nothing in it changes."""
    monkeypatch.setattr(local, "_load", _load_once)
