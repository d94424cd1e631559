"""Words of a question as small keyed hashes, by which a similar question is recognized.

A hash has 14 bits, and stands for dozens of words of any language: no word can be recovered from
it, even with the key. With the key, a guess of a whole question can be confirmed.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from sage.retrieval.text.lexemes import query_of

if TYPE_CHECKING:
    from collections.abc import Collection

_HASHES = 1 << 14


def word_hashes(question: str, key: bytes) -> tuple[int, ...]:
    """Return the hashes of the words that carry the topic of a question, in order, each once."""
    return tuple(sorted({_hash_of(term, key) for term in query_of(question).terms}))


def _hash_of(term: str, key: bytes) -> int:
    digest = blake2b(term.encode(errors="surrogatepass"), digest_size=4, key=key).digest()
    return int.from_bytes(digest) % _HASHES


def is_alike(words: Collection[int], others: Collection[int]) -> bool:
    """Return whether two questions share most of their words, relative to the longer one."""
    shared = len(set(words) & set(others))
    return 2 * shared > max(len(words), len(others))
