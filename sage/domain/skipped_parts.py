"""The parts of a search or a context that may be skipped, under their names in answers."""

from __future__ import annotations

from sage.phrases import phrase

EMBEDDING = phrase("embedding")
RERANKER = phrase("reranker")
SUMMARY = phrase("summary")
VECTORS = phrase("vectors")
WORDS = phrase("words")
