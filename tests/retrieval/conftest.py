from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from sage.retrieval.evidence import Evidence
from sage.store.search import FoundColumns

NOON = datetime(2023, 5, 8, 12, tzinfo=UTC)


class Session:
    """Rows of one session in their order, each a candidate unless it is said otherwise."""

    def __init__(self, session_id, first_number):
        self.session_id = session_id
        self.first_number = first_number
        self.rows = []

    def turn(self, **values):
        place = len(self.rows)
        row = {
            "is_candidate": True,
            "memory_id": UUID(int=self.first_number + place),
            "session_id": self.session_id,
            "role": "user",
            "name": None,
            "created_at": NOON + timedelta(seconds=place),
            "cosine": None,
            "surrounding_cosine": values.get("cosine"),
            "word_rank": 0.0,
            "term_ranks": None,
            "asks": False,
            "speaks_of_self": False,
            "dated": False,
            "timed": False,
        }
        self.rows.append(row | values)
        return self


@pytest.fixture
def session():
    return Session("talk", first_number=1)


@pytest.fixture
def other_session():
    return Session("other", first_number=100)


@pytest.fixture
def evidence_of():
    def build(*sessions, terms=3):
        return Evidence(FoundColumns.of([row for each in sessions for row in each.rows]), terms)

    return build
