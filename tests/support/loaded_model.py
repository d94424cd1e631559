"""The bundled model in this process: loaded once, not by every verb, and asked once for a text."""

from functools import cache

import pytest

from sage.providers import local

_load_once = cache(local._load)  # noqa: SLF001 - what fails is not kept, and tried again


class _Remembering:
    """The loaded model with the vectors of all texts that it was given before."""

    def __init__(self, engine):
        self.has_word = engine.has_word
        self.query, self.passage = (cache(_frozen(one)) for one in (engine.query, engine.passage))


def _frozen(embed):
    def embed_for_all(text):
        vector = embed(text)
        vector.flags.writeable = False
        return vector

    return embed_for_all


_load_remembering = cache(lambda: _Remembering(_load_once()))


@pytest.fixture
def model_loaded_once(monkeypatch):
    """Share the model with other verbs of this process; nothing in it changes."""
    monkeypatch.setattr(local, "_load", _load_once)


@pytest.fixture
def texts_embedded_once(monkeypatch):
    """Share the model, and what it made of a text, with other tests of this process."""
    monkeypatch.setattr(local, "_load", _load_remembering)
