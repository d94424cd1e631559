"""An embedder whose vectors are cheap and exact: words hashed into a bag."""

import hashlib

import numpy as np

from sage.domain.embedding import EmbeddingModel
from sage.errors import ProviderRejectedError


class BagOfWordsEmbedder:
    """Texts that share words lie close; faults can be switched on."""

    is_local = False
    may_change = False

    def __init__(self, dimensions=64):
        self.model = EmbeddingModel("test", "bag-of-words", dimensions)
        self.max_chars = 400
        self.ready = True
        self.last_error = ""
        self.failure = None
        self.refused_word = None
        self.texts_embedded = 0

    def has_word(self, _word):
        return False

    async def start(self):
        return

    async def embed_query(self, text):
        return (await self.embed_passages([text]))[0]

    async def embed_passages(self, texts):
        if self.failure is not None:
            raise self.failure
        refused = [text for text in texts if self.refused_word and self.refused_word in text]
        if refused:
            raise ProviderRejectedError("the provider refuses a text")
        self.texts_embedded += len(texts)
        return np.stack([self._vector(text) for text in texts])

    async def close(self):
        return

    def _vector(self, text):
        vector = np.full(self.model.dimensions, 0.01, dtype=np.float32)
        for word in text.lower().split():
            place = hashlib.sha256(word.encode()).digest()
            vector[int.from_bytes(place[:4], "big") % self.model.dimensions] += 1
        return vector / np.linalg.norm(vector)
