from dataclasses import fields
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest

from sage.domain.candidates import FoundColumns
from sage.retrieval.ranking.evidence import Evidence

NOON = datetime(2023, 5, 8, 12, tzinfo=UTC)


def vector_at(cosine):
    """Give a unit vector of two dimensions with this cosine to (1, 0); NaN for None."""
    return [np.nan, np.nan] if cosine is None else [cosine, (1 - cosine**2) ** 0.5]


class Session:
    """Rows of one session in their order, each a candidate unless it is said otherwise."""

    def __init__(self, session_id, first_number):
        self.session_id = session_id
        self.first_number = first_number
        self.rows = []
        self.vectors = []

    def turn(self, **values):
        place = len(self.rows)
        row = {
            "is_candidate": True,
            "memory_id": UUID(int=self.first_number + place),
            "session_id": self.session_id,
            "role": "user",
            "name": None,
            "created_at": NOON + timedelta(seconds=place),
            "arrival": self.first_number + place,
            "word_rank": 0.0,
            "term_ranks": (),
            "asks": False,
            "speaks_of_self": False,
            "dated": False,
            "timed": False,
            "said": 0,
            "class_code": 0,
            "asked": None,
        }
        self.vectors.append(vector_at(values.pop("cosine", None)))
        self.rows.append(row | values)
        return self


@pytest.fixture
def session():
    return Session("talk", first_number=1)


@pytest.fixture
def other_session():
    return Session("other", first_number=100)


def columns(rows, terms=3):
    """Make rows into columns; a row without ranks has none of the terms."""
    kinds = {
        "created_at": "datetime64[us]",
        "arrival": int,
        "word_rank": float,
        "term_ranks": float,
        "said": np.int64,
        "class_code": np.int16,
    }
    kinds |= dict.fromkeys(("memory_id", "session_id", "role", "name", "asked"), object)
    rows = [row | {"created_at": row["created_at"].replace(tzinfo=None)} for row in rows]
    rows = [row | {"term_ranks": row["term_ranks"] or (0.0,) * terms} for row in rows]
    names = [field.name for field in fields(FoundColumns)]
    values = {name: np.array([row[name] for row in rows], kinds.get(name, bool)) for name in names}
    return FoundColumns(**values | {"term_ranks": values["term_ranks"].reshape(-1, terms)})


@pytest.fixture
def columns_of():
    return columns


@pytest.fixture
def evidence_of():
    def build(*sessions, terms=3):
        found = columns([row for each in sessions for row in each.rows], terms)
        vectors = np.array([vector for each in sessions for vector in each.vectors])
        return Evidence(found, vectors.reshape(-1, 2), np.array([1.0, 0.0]))

    return build
