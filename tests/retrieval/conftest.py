from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from sage.retrieval.evidence import Evidence
from sage.store.search import Found

NOON = datetime(2023, 5, 8, 12, tzinfo=UTC)


class Session:
    """Rows of one session in their order, each a candidate unless it is said otherwise."""

    def __init__(self, session_id="talk", first_number=1):
        self.session_id = session_id
        self.first_number = first_number
        self.rows = []

    def turn(self, *, candidate=True, **values):
        self.rows.append((candidate, values))
        return self

    def found(self):
        ids = [UUID(int=self.first_number + place) for place in range(len(self.rows))]
        return [
            Found(
                **{
                    "memory_id": ids[place],
                    "before": tuple(ids[max(place - 2, 0) : place][::-1]) if candidate else None,
                    "after": tuple(ids[place + 1 : place + 3]) if candidate else None,
                    "session_id": self.session_id,
                    "role": "user",
                    "name": None,
                    "created_at": NOON + timedelta(seconds=place),
                    "cosine": None,
                    "word_rank": 0.0,
                    "term_ranks": (),
                    "asks": False,
                    "speaks_of_self": False,
                    "dated": False,
                    "timed": False,
                    **values,
                }
            )
            for place, (candidate, values) in enumerate(self.rows)
        ]


@pytest.fixture
def session():
    return Session()


@pytest.fixture
def evidence_of():
    def build(*sessions):
        return Evidence.of([row for session in sessions for row in session.found()])

    return build


@pytest.fixture
def other_session():
    return Session("other", first_number=100)
