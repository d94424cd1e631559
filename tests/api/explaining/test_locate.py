"""Where a memory fell in a search, over REST: each answer is made true once."""

import asyncio
import uuid

import asyncpg
import pytest

from tests.api.explaining.conftest import QUESTION


@pytest.fixture
def say(rest, session_id, vectors_made):
    """Return what saves messages of a user, whose vectors then are there."""

    def save(*texts, role="user", **more):
        messages = [{"role": role, "content": text} for text in texts]
        body = {"messages": messages, "session_id": session_id} | more
        saved = rest.post("/api/v1/conversations", json=body).json()["memory_ids"]
        vectors_made()
        return saved

    return save


@pytest.fixture
def locate(rest, session_id):
    """Return what locates a memory in a search of the session."""

    def located(memory_id=None, query=QUESTION, **more):
        named = {} if memory_id is None else {"memory_id": memory_id}
        asked = {"query": query, "session_id": session_id} | named | more
        answer = rest.post("/api/v1/search/locate", json=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return located


def test_a_hit_is_found_in_its_place_and_one_beyond_the_limit_below(
    garden, rest, locate, session_id
):
    asked = {"query": QUESTION, "session_id": session_id, "min_relevance": "none", "n": 50}
    hits = rest.post("/api/v1/search", json=asked | {"explain": True}).json()["results"]
    for place, hit in enumerate(hits, start=1):
        told = locate(hit["memory_id"], min_relevance="none", n=2)
        assert told["verdict"] == ("found" if place <= 2 else "below")
        assert (told["place"], told["of"]) == (place, len(garden))
        assert (told["score"], told["probability"]) == (hit["score"], hit["probability"])
        assert told["contributions"] == hit["contributions"]
        assert told["first"] == hits[0]["contributions"]
        assert "meaning" in told["found_by"]
        assert told["embedded"] is True
        assert told["memory"]["content"] == hit["content"]


def test_a_memory_is_named_by_the_end_of_its_id_or_by_words_it_holds(garden, locate):
    by_id = locate(garden[2])
    assert by_id["memory"]["memory_id"] == garden[2]
    assert locate(garden[2][-8:]) == by_id
    assert locate(text="glaze in the BLUE  cupboard") == by_id
    assert locate(text="cupboard glaze")["memory"]["memory_id"] == garden[2]
    assert locate(text="a cupboard of goats") == {"verdict": "unknown"}


def test_what_filters_keep_out_is_told_with_each_of_them(garden, locate):
    kept_out = {
        "role": "assistant",
        "after": "2100-01-01",
        "before": "2000-01-01",
        "metadata": {"topic": "kitchen"},
        "author": "somebody",
        "trust": "imported",
        "session_id": "another",
    }
    for name, value in kept_out.items():
        told = locate(garden[0], **{name: value})
        assert (told["verdict"], told["filtered_by"]) == ("filtered", [name])
    told = locate(garden[0], role="assistant", before="2000-01-01", metadata={"topic": "garden"})
    assert told["filtered_by"] == ["role", "before"]
    told = locate(garden[4], similarity_threshold=0.9, min_relevance="none", n=9)
    assert (told["verdict"], told["filtered_by"]) == ("filtered", ["similarity_threshold"])
    told = locate(garden[4], query="Who mended the observatory?", min_relevance="strong", n=9)
    assert (told["verdict"], told["filtered_by"]) == ("filtered", ["min_relevance"])


def test_what_only_asks_is_told_apart_from_what_is_not_found_by_itself(say, locate):
    question, thanks = say("Which pottery class is the best?", "Thanks a lot!")
    told = locate(question, session_id=None)
    assert (told["verdict"], told["kind"]) == ("filtered", "question")
    assert told["filtered_by"] == ["include_questions"]
    told = locate(question, session_id=None, include_questions=True)
    assert told["verdict"] != "filtered"
    told = locate(thanks)
    assert (told["verdict"], told["kind"]) == ("not a candidate", "acknowledgement")
    assert told["embedded"] is False


def test_what_was_replaced_names_what_replaces_it(garden, say, locate):
    (newer,) = say("The pottery class starts on Monday.", replaces=[garden[0]])
    told = locate(garden[0])
    assert (told["verdict"], told["superseded_by"]) == ("superseded", [newer])
    assert locate(garden[0], include_superseded=True)["verdict"] == "found"


def test_what_was_forgotten_is_told_from_what_never_was(garden, rest, locate):
    rest.post("/api/v1/forget", json={"memory_ids": [garden[0]]})
    told = locate(garden[0])
    assert told["verdict"] == "forgotten"
    assert told["forgotten_at"]
    assert "memory" not in told
    assert locate(str(uuid.uuid4())) == {"verdict": "unknown"}


def test_what_says_the_same_or_is_told_with_another_is_found_there(rest, session_id, say, locate):
    (older,) = say("The kiln takes twelve hours.")
    _, newer = say("The shed is green.", "The kiln takes twelve hours.")
    told = locate(older, query="How long does the kiln take?", min_relevance="none")
    assert (told["verdict"], told["place"], told["shown_as"]) == ("found", 1, newer)
    pair = {"user_prompt": "Which clay do we use?", "assistant_response": "We use white clay."}
    asked = {"session_id": session_id}
    question, answer = rest.post("/api/v1/conversations", json=pair | asked).json()["memory_ids"]
    told = locate(question, query="Which clay do we use?", session_id=None)
    assert (told["verdict"], told["place"], told["shown_as"]) == ("found", 1, answer)


def test_a_message_that_is_a_hit_itself_is_not_found_by_its_answer(
    rest, session_id, locate, vectors_made
):
    pair = {
        "user_prompt": "I have a new kiln at last, and it is blue. What would you fire in it?",
        "assistant_response": "The new kiln is for small pieces of glass.",
    }
    saved = rest.post("/api/v1/conversations", json=pair | {"session_id": session_id})
    asking, answering = saved.json()["memory_ids"]
    vectors_made()
    query = "What are the new kilns for?"
    asked = {"query": query, "session_id": session_id, "min_relevance": "none"}
    hits = [hit["memory_id"] for hit in rest.post("/api/v1/search", json=asked).json()["results"]]
    assert hits == [answering, asking]
    told = locate(asking, query=query, min_relevance="none", n=1)
    assert (told["verdict"], told["place"]) == ("below", 2)


def test_what_nothing_leads_to_is_no_candidate_and_told_where_it_would_stand(say, locate):
    many = [
        f"The pottery class of group {number} starts at {number % 12}." for number in range(120)
    ]
    *_, stranger = say(*many, "Zwei Ziegen grasen hinter dem Bahnhof.")
    told = locate(stranger)
    assert told["verdict"] == "not a candidate"
    assert "found_by" not in told
    assert told["place"] > 100
    assert told["embedded"] is True
    assert told["contributions"]["meaning"] < 0


def test_what_has_no_vector_is_told_so_whether_its_words_are_asked_for_or_not(
    garden, locate, own_dsn
):
    async def drop():
        connection = await asyncpg.connect(own_dsn)
        try:
            await connection.execute(
                "DELETE FROM sage.embeddings WHERE memory_id = $1", uuid.UUID(garden[4])
            )
        finally:
            await connection.close()

    asked = {"query": "哪位邻居养了羊", "min_relevance": "none", "n": 6}
    assert locate(garden[4], **asked)["verdict"] == "found"
    asyncio.run(drop())
    told = locate(garden[4], **asked)
    assert (told["verdict"], told["embedded"]) == ("not a candidate", False)
    told = locate(garden[4], **asked | {"query": "Who keeps goats?"})
    assert (told["verdict"], told["embedded"], told["found_by"]) == ("found", False, ["words"])


def test_one_memory_is_asked_for_and_only_one(rest):
    for named in ({}, {"memory_id": "0" * 8, "text": "goats"}):
        answer = rest.post("/api/v1/search/locate", json={"query": QUESTION} | named)
        assert (answer.status_code, answer.json()["field"]) == (422, "memory_id")
