"""What a search tells about its hits and itself where it is asked for it, over REST."""

import math

import pytest

from tests.api.explaining.conftest import GARDEN, QUESTION


@pytest.fixture
def search(rest, session_id, garden):  # noqa: ARG001 - what is searched
    """Return what searches in the session."""

    def found(query=QUESTION, **more):
        asked = {"query": query, "session_id": session_id, "min_relevance": "none"} | more
        return rest.post("/api/v1/search", json=asked).json()

    return found


def test_a_hit_is_told_where_the_words_of_the_query_stand_as_it_is_shown(search):
    for outline in (False, True):
        best = search(highlights=True, outline=outline)["results"][0]
        marked = {best["content"][start:end] for start, end in best["matches"]}
        assert {"pottery", "class"} <= marked
        assert "Friday" not in marked
    assert "matches" not in search()["results"][0]


def test_details_tell_tags_source_and_trust_also_of_what_is_ones_own(search):
    told = {"metadata": {"topic": "garden"}, "source": "rest", "trust": "own"}
    assert all(told.items() <= hit.items() for hit in search(details=True)["results"])
    assert not told.keys() & search()["results"][0].keys()


def test_what_a_score_is_made_of_adds_up_to_it(search):
    hits = search(explain=True, n=20)["results"]
    assert len(hits) == len(GARDEN)
    for hit in hits:
        assert "score" not in hit["signals"]
        odds = math.log(hit["score"] / (1 - hit["score"]))
        assert sum(hit["contributions"].values()) == pytest.approx(2 * odds, abs=0.02)
    assert {hit["contributions"]["other_language"] for hit in hits} == {0, -0.3}
    assert not {"score", "contributions"} & search()["results"][0].keys()


def test_an_answer_tells_what_its_relevance_was_judged_by(search):
    answer = search(explain=True)
    by = answer["judged_by"]
    assert by["candidates"] == len(GARDEN)
    assert answer["relevance"] == (
        "strong"
        if by["probability"] >= by["thresholds"]["strong"]
        else "weak"
        if by["probability"] >= by["thresholds"]["weak"]
        else "none"
    )
    stages = {"parse", "words", "embed", "languages", "meaning", "rank", "read"}
    assert by["took_ms"].keys() == stages
    assert all(took > 0 for took in by["took_ms"].values())
    assert "judged_by" not in search()
