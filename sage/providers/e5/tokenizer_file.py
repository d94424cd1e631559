"""Write the vocabulary of the packed file as a model of SentencePiece."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import sentencepiece
from sentencepiece import sentencepiece_model_pb2 as protobuf

if TYPE_CHECKING:
    from sage.providers.e5.packed_file import Vocabulary

_NORMALIZATION = "nmt_nfkc"


def tokenizer_model(vocabulary: Vocabulary) -> bytes:
    """Return the model that splits texts into the pieces of a vocabulary."""
    model = protobuf.ModelProto()
    model.trainer_spec.model_type = protobuf.TrainerSpec.UNIGRAM
    model.normalizer_spec.CopyFrom(_normalizer())
    control = {vocabulary.bos, vocabulary.eos, vocabulary.pad}
    scored = zip(vocabulary.pieces, vocabulary.scores.tolist(), strict=True)
    for number, (piece, score) in enumerate(scored):
        added = model.pieces.add(piece=piece.decode(), score=score)
        if number == vocabulary.unknown:
            added.type = protobuf.ModelProto.SentencePiece.UNKNOWN
        elif number in control:
            added.type = protobuf.ModelProto.SentencePiece.CONTROL
    return bytes(model.SerializeToString(deterministic=True))


def _normalizer() -> protobuf.NormalizerSpec:
    """Return the table for NFKC that SentencePiece adds to a model it trains."""
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
