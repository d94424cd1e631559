"""A store of any size, filled by COPY within seconds: conversations made up from word frequencies.

The words of a message follow Zipf's law with the shares real chats have (the commonest content word
in every eighth message, the hundredth in every fiftieth), a quarter of them from the topic of its
session. Vectors lie where real ones do: near prototypes, moved along the differences between
prototypes. Give the vectors of `Corpus.prototypes` by a real embedder, and questions to that
embedder find their topic; without any, prototypes are random.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, product

import asyncpg
import numpy as np
from pgvector import HalfVector
from pgvector.asyncpg import register_vector

from sage.domain.ids import new_memory_id
from sage.retrieval.text.lexemes import tsvector_of
from sage.retrieval.text.stopwords import ENGLISH_STOPWORDS

TOPICS = 200
PROTOTYPES_PER_TOPIC = 5
TURNS_PER_SESSION = 20
_CONTENT_WORDS = 20_000
_TOPIC_WORDS = 150
_COMMONEST = 100  # ranks that are no topic's
_BATCH_ROWS = 5_000
_INTRINSIC_DIMENSIONS = 40
_START = datetime(2023, 1, 1, 9, tzinfo=UTC)
_NAMES = (
    "Anna",
    "Ben",
    "Clara",
    "David",
    "Emma",
    "Felix",
    "Grace",
    "Hugo",
    "Iris",
    "Jonas",
    "Karin",
)
_SYLLABLES = [a + b for a, b in product("bdfgklmnprtvz", ("a", "e", "i", "o", "u", "an", "or"))]
_MEMORIES = (
    *("space_id", "memory_id", "session_id", "role", "name"),
    *("content", "created_at", "metadata", "lexemes"),
)
_EMBEDDINGS = (
    *("space_id", "memory_id", "model_id", "chunk"),
    *("starts_at", "ends_at", "embedding"),
)


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it will be kept."""

    topic: int
    session: int
    place: int
    name: str
    content: str

    @property
    def created_at(self):
        return _START + timedelta(hours=self.session, seconds=20 * self.place)

    @property
    def role(self):
        return "user" if self.place % 2 == 0 else "assistant"


class Corpus:
    """Messages, questions and vectors by a seed: the same ones each time."""

    def __init__(self, seed=0):
        rng = np.random.default_rng(seed)
        self._rng = rng
        self._empty = sorted(ENGLISH_STOPWORDS)
        rng.shuffle(self._empty)
        pseudo_words = ["".join(parts) for parts in product(_SYLLABLES, repeat=3)]
        rng.shuffle(pseudo_words)
        self.words = list(islice(pseudo_words, _CONTENT_WORDS))
        self._word_shares = np.cumsum(_zipf(_CONTENT_WORDS, 14))
        rare = np.arange(_COMMONEST, _CONTENT_WORDS)
        self._topics = [rng.choice(rare, _TOPIC_WORDS, replace=False) for _ in range(TOPICS)]

    def messages(self, count):
        """Yield messages, session by session."""
        for session in range(-(-count // TURNS_PER_SESSION)):
            topic = int(self._rng.integers(TOPICS))
            speakers = self._rng.choice(_NAMES, 2, replace=False)
            for place in range(min(TURNS_PER_SESSION, count - session * TURNS_PER_SESSION)):
                yield Message(topic, session, place, str(speakers[place % 2]), self._text(topic))

    def question(self, topic=None):
        """Ask what somebody said about two things of a topic and a common one."""
        topic = int(self._rng.integers(TOPICS)) if topic is None else topic
        rare = [self.words[number] for number in self._topic_words(topic, 2)]
        common = self.words[self._any_words(1)[0]]
        return (
            f"What did {self._rng.choice(_NAMES)} say about the {rare[0]} {rare[1]} and {common}?"
        )

    def prototypes(self):
        """Give the texts whose vectors may be passed to `fill`, topic by topic."""
        return [self._text(topic) for topic in range(TOPICS) for _ in range(PROTOTYPES_PER_TOPIC)]

    def random_prototypes(self, dimensions):
        """Give vectors in place of an embedder's: of few intrinsic dimensions, as those have."""
        latent = min(_INTRINSIC_DIMENSIONS, dimensions)
        centres = self._rng.normal(size=(TOPICS, 1, latent))
        spread = self._rng.normal(size=(TOPICS, PROTOTYPES_PER_TOPIC, latent))
        axes = self._rng.normal(size=(latent, dimensions))
        return _units((centres + 0.7 * spread).reshape(-1, latent) @ axes)

    def vectors(self, topics, prototypes):
        """Give a unit vector a message: near a prototype of its topic."""
        count = len(topics)
        own = np.array(topics) * PROTOTYPES_PER_TOPIC
        own += self._rng.integers(PROTOTYPES_PER_TOPIC, size=count)
        vectors = prototypes[own]
        for strength in (0.5, 0.4, 0.3, 0.2):
            one, other = self._rng.integers(len(prototypes), size=(2, count))
            vectors = vectors + strength * (prototypes[one] - prototypes[other])
        noise = self._rng.normal(size=vectors.shape) / vectors.shape[1] ** 0.5
        return _units(vectors + 0.1 * noise).astype(np.float16)

    def _text(self, topic):
        size = int(np.clip(self._rng.lognormal(3.0, 0.6), 4, 80))
        kinds = self._rng.random(size)
        general = iter(self._any_words(size))
        special = iter(self._topic_words(topic, size))
        empty = iter(self._rng.integers(len(self._empty), size=size))
        words = [
            self._empty[next(empty)]
            if kind < 0.5
            else self.words[next(special if kind > 0.875 else general)]
            for kind in kinds
        ]
        return " ".join(words).capitalize() + (".", ".", "!", "?")[int(kinds[0] * 997) % 4]

    def _any_words(self, count):
        return np.searchsorted(self._word_shares, self._rng.random(count))

    def _topic_words(self, topic, count):
        shares = self._rng.random(count) ** 2  # some words of a topic are commoner than others
        return self._topics[topic][(shares * _TOPIC_WORDS).astype(int)]


async def fill(dsn, model, rows_by_space, *, corpus=None, prototypes=None):
    """Keep that many memories in each space, with their vectors; give the id of the model.

    The database is migrated already. `model` is an EmbeddingModel. Statistics are fresh afterwards.
    """
    corpus = corpus or Corpus()
    if prototypes is None:
        prototypes = corpus.random_prototypes(model.dimensions)
    conn = await asyncpg.connect(dsn)
    try:
        await register_vector(conn)
        model_id = await conn.fetchval(
            "INSERT INTO sage.embedding_models (provider, name, dimensions) VALUES ($1, $2, $3)"
            " ON CONFLICT (provider, name, dimensions) DO UPDATE SET name = excluded.name"
            " RETURNING model_id",
            *(model.provider, model.name, model.dimensions),
        )
        for space_id, rows in rows_by_space.items():
            messages = corpus.messages(rows)
            while batch := list(islice(messages, _BATCH_ROWS)):
                vectors = corpus.vectors([message.topic for message in batch], prototypes)
                await _copy(conn, space_id, model_id, batch, vectors)
        await conn.execute("VACUUM ANALYZE sage.memories, sage.embeddings, sage.sessions")
    finally:
        await conn.close()
    return model_id


async def _copy(conn, space_id, model_id, messages, vectors):
    sessions = sorted({_session_id(message) for message in messages})
    await conn.execute(
        "INSERT INTO sage.sessions (space_id, session_id) SELECT $1, unnest($2::text[])"
        " ON CONFLICT DO NOTHING",
        *(space_id, sessions),
    )
    ids = [new_memory_id() for _ in messages]
    lines = "".join(
        _line(
            space_id,
            str(memory_id),
            _session_id(message),
            message.role,
            message.name,
            message.content,
            message.created_at.isoformat(),
            json.dumps({"topic": message.topic}),
            tsvector_of(message.content, message.name, message.created_at),
        )
        for memory_id, message in zip(ids, messages, strict=True)
    )
    await conn.copy_to_table(
        "memories",
        schema_name="sage",
        source=io.BytesIO(lines.encode()),
        columns=_MEMORIES,
    )
    rows = [
        (space_id, memory_id, model_id, 0, 0, len(message.content), HalfVector(vector))
        for memory_id, message, vector in zip(ids, messages, vectors, strict=True)
    ]
    await conn.copy_records_to_table(
        "embeddings", schema_name="sage", records=rows, columns=_EMBEDDINGS
    )


def _line(*values):
    """Write a row in the text form of COPY."""
    return "\t".join(value.replace("\\", "\\\\") for value in values) + "\n"


def _session_id(message):
    return f"session-{message.session}"


def _zipf(count, shift):
    shares = 1 / (np.arange(count) + shift)
    return shares / shares.sum()


def _units(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
