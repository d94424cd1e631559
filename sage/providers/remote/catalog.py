"""Specifications of known embedding models: dimensions, context and prefixes.

Dimensions and context lengths come from the model cards and from the API references of SiliconFlow
and OpenAI, prefixes for questions and passages from the model cards.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sage.errors import ConfigurationError, ConfigurationProblem
from sage.phrases import phrase

MAX_DIMENSIONS = 4000
"""The longest half-precision vector that pgvector can index."""

_MAX_CHUNK_CHARS = 2000
_UNKNOWN_MAX_TOKENS = 512
_SPARE_TOKENS = 32
_MAX_TOKENS_PER_CHAR = 4
"""A byte-level tokenizer never makes more tokens of a character than its UTF-8 bytes."""

_E5_QUERY, _E5_PASSAGE = "query: ", "passage: "
_BGE_EN = "Represent this sentence for searching relevant passages: "
_BGE_ZH = "为这个句子生成表示以用于检索相关文章："  # noqa: RUF001 - as in the model card
_QWEN3 = (
    "Instruct: Given a question, retrieve messages of earlier conversations that answer it\nQuery:"
)


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model and the dimensions of the vectors requested from it.

    `choices` are the dimensions that a request can ask for, `native` those of a request that asks
    for none (None: the model has only one length). `byte_level` is True if a rare character takes
    several tokens.
    """

    dimensions: int
    max_tokens: int
    choices: tuple[int, ...] = ()
    native: int | None = None
    query_prefix: str = ""
    passage_prefix: str = ""
    byte_level: bool = False

    @property
    def shortened(self) -> bool:
        """Whether the vectors are shorter than the native ones."""
        return self.native is not None and self.dimensions != self.native

    @property
    def max_chars(self) -> int:
        """The longest text that always fits the context, at most 2,000 characters."""
        tokens = self.max_tokens - _SPARE_TOKENS
        chars = tokens // _MAX_TOKENS_PER_CHAR if self.byte_level else tokens
        return min(chars, _MAX_CHUNK_CHARS)


def _qwen3(default: int, native: int) -> ModelSpec:
    choices = (64, 128, 256, 512, 768, 1024, 1536, 2048, 2560, 4096)
    return ModelSpec(
        default,
        32_768,
        tuple(choice for choice in choices if choice <= min(native, MAX_DIMENSIONS)),
        native,
        query_prefix=_QWEN3,
        byte_level=True,
    )


def _openai(native: int) -> ModelSpec:
    choices = tuple(range(256, native + 1))
    return ModelSpec(native, 8191, choices, native, byte_level=True)


_SPECS = {
    "bge-m3": ModelSpec(1024, 8192),
    "bge-large-zh-v1.5": ModelSpec(1024, 512, query_prefix=_BGE_ZH),
    "bge-large-en-v1.5": ModelSpec(1024, 512, query_prefix=_BGE_EN),
    "bge-base-en-v1.5": ModelSpec(768, 512, query_prefix=_BGE_EN),
    "bge-small-en-v1.5": ModelSpec(384, 512, query_prefix=_BGE_EN),
    "bce-embedding-base_v1": ModelSpec(768, 512),
    "qwen3-embedding-0.6b": _qwen3(1024, 1024),
    "qwen3-embedding-4b": _qwen3(2560, 2560),
    "qwen3-embedding-8b": _qwen3(2048, 4096),
    "text-embedding-3-small": _openai(1536),
    "text-embedding-3-large": _openai(3072),
    "text-embedding-ada-002": ModelSpec(1536, 8191, byte_level=True),
    "multilingual-e5-small": ModelSpec(384, 512, (), None, _E5_QUERY, _E5_PASSAGE),
    "multilingual-e5-base": ModelSpec(768, 512, (), None, _E5_QUERY, _E5_PASSAGE),
    "multilingual-e5-large": ModelSpec(1024, 512, (), None, _E5_QUERY, _E5_PASSAGE),
    "mxbai-embed-large": ModelSpec(1024, 512, query_prefix=_BGE_EN),
    "nomic-embed-text": ModelSpec(768, 2048, (), None, "search_query: ", "search_document: "),
    "all-minilm-l6-v2": ModelSpec(384, 256),
}


def model_spec(name: str, wanted: int | None) -> ModelSpec:
    """Return the specification of a model for vectors of `wanted` or its default dimensions.

    Publisher, edition and `:latest` are ignored: `Pro/BAAI/bge-m3` is bge-m3. Raises
    ConfigurationError for dimensions the model does not have, and for an unknown model without
    `wanted`.
    """
    spec = _SPECS.get(_short_name(name))
    if spec is None:
        return _unknown_spec(name, wanted)
    if wanted is None or wanted == spec.dimensions:
        return spec
    if wanted not in spec.choices:
        raise _dimensions_error(
            phrase(
                "is {wanted}, but {name} has no vectors of that length", wanted=wanted, name=name
            ),
            _choices(spec),
        )
    return replace(spec, dimensions=wanted)


def _unknown_spec(name: str, wanted: int | None) -> ModelSpec:
    if wanted is None:
        raise _dimensions_error(
            phrase("is not set, and Sage does not know the model {name}", name=name),
            "set it to the length of the model's vectors, which its documentation states",
        )
    return ModelSpec(wanted, _UNKNOWN_MAX_TOKENS)


def _short_name(name: str) -> str:
    return name.rpartition("/")[2].lower().removesuffix(":latest").replace(":", "-")


def _choices(spec: ModelSpec) -> str:
    if not spec.choices:
        return phrase("unset it for {default}", default=spec.dimensions)
    if len(spec.choices) > len(_SPECS):
        return phrase(
            "unset it for {default}, or set {low} to {high}",
            default=spec.dimensions,
            low=spec.choices[0],
            high=spec.choices[-1],
        )
    return phrase(
        "unset it for {default}, or set one of {choices}",
        default=spec.dimensions,
        choices=list(spec.choices),
    )


def _dimensions_error(message: str, hint: str) -> ConfigurationError:
    return ConfigurationError(
        [ConfigurationProblem("EMBEDDING_DIMENSIONS", "settings", message, hint)]
    )
