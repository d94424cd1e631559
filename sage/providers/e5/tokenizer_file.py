"""Write what `Tokenizer` reads: the pieces as a tree, their scores, and the rules to normalize by.

The pieces and scores are those of the packed file, the rules those of SentencePiece.
"""

from __future__ import annotations

import io
from itertools import compress
from typing import IO, TYPE_CHECKING

import numpy as np
import sentencepiece
from sentencepiece import sentencepiece_model_pb2 as protobuf

from sage.providers.e5.normalization import LABEL, Rules, children_of, ends_rule
from sage.providers.e5.tokenizer import HEADER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sage.providers.e5.packed_file import Vocabulary

_NORMALIZATION = "nmt_nfkc"
_NO_TOKEN = -1


def write_tokenizer(vocabulary: Vocabulary, file: IO[bytes]) -> None:
    """Write it to a file. Raises OSError."""
    chars, children, tokens = _tree(vocabulary)
    rules = normalizer_spec().precompiled_charsmap
    followers = _followers(np.array(Rules(rules).units, np.int64))
    counts = len(chars), len(vocabulary.pieces), len(followers)
    file.write(HEADER.pack(*counts, vocabulary.unknown))
    for part in (chars, children, tokens, vocabulary.scores.astype("<f4")):
        file.write(part.tobytes())
    file.write(followers.encode("utf-32-le"))
    file.write(rules)


def _tree(
    vocabulary: Vocabulary,
) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.int32]]:
    """Return of each node its character, its first child, and the token of what it spells.

    They are sorted by depth, then by what they spell, so that the children of a node end where
    those of the next begin.
    """
    reserved = {vocabulary.bos, vocabulary.eos, vocabulary.pad, vocabulary.unknown}
    numbers = np.array([n for n in range(len(vocabulary.pieces)) if n not in reserved])
    pieces = np.array([vocabulary.pieces[n].decode(errors="replace") for n in numbers])
    order = np.argsort(pieces)
    numbers, spelt = numbers[order], pieces[order].view("<u4").reshape(len(pieces), -1)
    differs = np.ones(spelt.shape, bool)
    differs[1:] = np.logical_or.accumulate(spelt[1:] != spelt[:-1], axis=1)
    depths = [np.flatnonzero(column) for column in (differs & (spelt != 0)).T]
    ends = np.pad(spelt, ((0, 0), (0, 1)))[:, 1:] == 0
    chars, children, tokens = [np.array([0])], [np.array([1])], [np.array([_NO_TOKEN])]
    begin = 1  # of the next depth
    for depth, rows in enumerate(depths):
        begin += len(rows)
        below = depths[depth + 1] if depth + 1 < len(depths) else rows[:0]
        chars.append(spelt[rows, depth])
        children.append(begin + np.searchsorted(below, rows))
        tokens.append(np.where(ends[rows, depth], numbers[rows], _NO_TOKEN))
    children.append(np.array([begin]))
    return (
        np.concatenate(chars).astype("<u4"),
        np.concatenate(children).astype("<u4"),
        np.concatenate(tokens).astype("<i4"),
    )


def _followers(units: NDArray[np.int64]) -> str:
    """Return the characters that stand after the first in rules for several."""
    every = np.arange(1, 0x100)
    found: set[str] = set()
    spelt, nodes = [b""], children_of(units[:1])
    while spelt:
        places = nodes[:, np.newaxis] ^ every
        above, byte = np.nonzero(units[places] & LABEL == every)
        nodes = places[above, byte]
        spelt = [spelt[n] + bytes([every[b]]) for n, b in zip(above, byte, strict=True)]
        for rule in compress(spelt, ends_rule(units[nodes])):
            found.update(rule.decode()[1:])
        nodes ^= children_of(units[nodes])
    return "".join(sorted(found))


def normalizer_spec() -> protobuf.NormalizerSpec:
    """Return the rules for NFKC that SentencePiece gives a model it trains."""
    trained = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["any text does"] * 50),
        model_writer=trained,
        vocab_size=20,
        hard_vocab_limit=False,
        normalization_rule_name=_NORMALIZATION,
        minloglevel=2,
    )
    model = protobuf.ModelProto()
    model.ParseFromString(trained.getvalue())
    return model.normalizer_spec
