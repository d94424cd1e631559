"""The parts of a search or a context that may be skipped, as they are named in an answer."""

from __future__ import annotations

from sage.phrases import phrase

EMBEDDING = phrase("embedding")
RERANKER = phrase("reranker")
SUMMARY = phrase("summary")
VECTORS = phrase("vectors")
WORDS = phrase("words")
