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
    model.normalizer_spec.CopyFrom(_normalizer())
    control = {vocabulary.bos, vocabulary.eos, vocabulary.pad}
    scored = zip(vocabulary.pieces, vocabulary.scores.tolist(), strict=True)
    for number, (piece, score) in enumerate(scored):
        added = model.pieces.add()
        added.piece = piece.decode(errors="replace") or f"<unused {number}>"
        added.score = score
        if number == vocabulary.unknown:
            added.type = protobuf.ModelProto.SentencePiece.UNKNOWN
        elif number in control:
            added.type = protobuf.ModelProto.SentencePiece.CONTROL
    _describe(model.trainer_spec, vocabulary)
    return bytes(model.SerializeToString(deterministic=True))


def _describe(spec: protobuf.TrainerSpec, vocabulary: Vocabulary) -> None:
    spec.model_type = protobuf.TrainerSpec.UNIGRAM
    spec.vocab_size = len(vocabulary.pieces)
    for role, number in (
        ("unk", vocabulary.unknown),
        ("bos", vocabulary.bos),
        ("eos", vocabulary.eos),
        ("pad", vocabulary.pad),
    ):
        setattr(spec, f"{role}_id", number)
        setattr(spec, f"{role}_piece", vocabulary.pieces[number].decode())


def _normalizer() -> protobuf.NormalizerSpec:
    """Return the table for NFKC that SentencePiece gives a model it trains."""
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
