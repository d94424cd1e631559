"""Embedding models Sage knows: how long their vectors are and how they want to be asked.

Lengths and windows: the models' cards, SiliconFlow's and OpenAI's references. A prefix is what the
model's card asks to put before a question or a passage; where the card has none there is none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sage.errors import ConfigurationError, Problem

MAX_DIMENSIONS = 4000
"""What pgvector can index in half precision."""

_MAX_CHUNK_CHARS = 2000
_UNKNOWN_MAX_TOKENS = 512
_SPARE_TOKENS = 32
_MAX_TOKENS_PER_CHAR = 4
"""A byte-level tokenizer never makes more of a character than its bytes in UTF-8."""

_E5_QUERY, _E5_PASSAGE = "query: ", "passage: "
_BGE_EN = "Represent this sentence for searching relevant passages: "
_BGE_ZH = "为这个句子生成表示以用于检索相关文章："  # noqa: RUF001 - as the card has it
_QWEN3 = (
    "Instruct: Given a question, retrieve messages of earlier conversations that answer it\nQuery:"
)


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A model, with the length of vectors to be had from it.

    `choices` are the lengths it can be asked for, `native` is what it gives unasked (None: the
    only one). `bytewise` is True where a rare character takes several tokens.
    """

    dimensions: int
    max_tokens: int
    choices: tuple[int, ...] = ()
    native: int | None = None
    query_prefix: str = ""
    passage_prefix: str = ""
    bytewise: bool = False

    @property
    def shortened(self) -> bool:
        """Whether another length than the native one is wanted."""
        return self.native is not None and self.dimensions != self.native

    @property
    def max_chars(self) -> int:
        """How long a text may be so that it surely fits the window; 2,000 characters at most."""
        tokens = self.max_tokens - _SPARE_TOKENS
        chars = tokens // _MAX_TOKENS_PER_CHAR if self.bytewise else tokens
        return min(chars, _MAX_CHUNK_CHARS)


def _qwen3(default: int, native: int) -> ModelCard:
    choices = (64, 128, 256, 512, 768, 1024, 1536, 2048, 2560, 4096)
    return ModelCard(
        default,
        32_768,
        tuple(choice for choice in choices if choice <= min(native, MAX_DIMENSIONS)),
        native,
        query_prefix=_QWEN3,
        bytewise=True,
    )


def _openai(native: int) -> ModelCard:
    choices = tuple(range(256, native + 1))
    return ModelCard(native, 8191, choices, native, bytewise=True)


_CARDS = {
    "bge-m3": ModelCard(1024, 8192),
    "bge-large-zh-v1.5": ModelCard(1024, 512, query_prefix=_BGE_ZH),
    "bge-large-en-v1.5": ModelCard(1024, 512, query_prefix=_BGE_EN),
    "bge-base-en-v1.5": ModelCard(768, 512, query_prefix=_BGE_EN),
    "bge-small-en-v1.5": ModelCard(384, 512, query_prefix=_BGE_EN),
    "bce-embedding-base_v1": ModelCard(768, 512),
    "qwen3-embedding-0.6b": _qwen3(1024, 1024),
    "qwen3-embedding-4b": _qwen3(2560, 2560),
    "qwen3-embedding-8b": _qwen3(2048, 4096),
    "text-embedding-3-small": _openai(1536),
    "text-embedding-3-large": _openai(3072),
    "text-embedding-ada-002": ModelCard(1536, 8191, bytewise=True),
    "multilingual-e5-small": ModelCard(384, 512, (), None, _E5_QUERY, _E5_PASSAGE),
    "multilingual-e5-base": ModelCard(768, 512, (), None, _E5_QUERY, _E5_PASSAGE),
    "multilingual-e5-large": ModelCard(1024, 512, (), None, _E5_QUERY, _E5_PASSAGE),
    "mxbai-embed-large": ModelCard(1024, 512, query_prefix=_BGE_EN),
    "nomic-embed-text": ModelCard(768, 2048, (), None, "search_query: ", "search_document: "),
    "all-minilm-l6-v2": ModelCard(384, 256),
}


def model_spec(name: str, wanted: int | None) -> ModelCard:
    """Find the card of a model, for vectors of `wanted` dimensions or else of its default.

    Publisher, edition and `:latest` do not count: `Pro/BAAI/bge-m3` is bge-m3. Raises
    ConfigurationError for a length the model does not have, and for a model that is not known
    unless its length is told.
    """
    card = _CARDS.get(_plain(name))
    if card is None:
        return _unknown(name, wanted)
    if wanted is None or wanted == card.dimensions:
        return card
    if wanted not in card.choices:
        raise _refusal(
            f"is {wanted}, but {name} has no vectors of that length",
            f"unset it for {card.dimensions}{_listed(card)}",
        )
    return replace(card, dimensions=wanted)


def _unknown(name: str, wanted: int | None) -> ModelCard:
    if wanted is None:
        raise _refusal(
            f"is not set, and Sage does not know the model {name}",
            "set it to the length of the model's vectors, as its documentation tells it",
        )
    return ModelCard(wanted, _UNKNOWN_MAX_TOKENS)


def _plain(name: str) -> str:
    return name.rpartition("/")[2].lower().removesuffix(":latest").replace(":", "-")


def _listed(card: ModelCard) -> str:
    if not card.choices:
        return ""
    if len(card.choices) > len(_CARDS):
        return f", or set {card.choices[0]} to {card.choices[-1]}"
    return f", or set one of {', '.join(map(str, card.choices))}"


def _refusal(message: str, hint: str) -> ConfigurationError:
    return ConfigurationError([Problem("EMBEDDING_DIMENSIONS", "settings", message, hint)])
