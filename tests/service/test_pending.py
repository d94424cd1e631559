"""A search tells how many memories of the space have no vectors yet."""

from datetime import UTC

from sage.domain.answer_json import to_json
from sage.domain.gathering import ContextRequest
from sage.domain.searching import SearchRequest
from sage.retrieval.context.tool_texts import context_text, search_text


async def test_a_search_tells_how_many_memories_wait_for_their_vectors(rig):
    await rig.save("The key is under the pot.", "The tram was late.", space_id="home")
    await rig.save("Elsewhere it rains.", space_id="other")
    request = SearchRequest("key", space_id="home")
    waiting = await rig.memory.search(request)
    assert to_json(waiting)["pending"] == 2
    assert "Found by words only for now: 2 memories.\n" in search_text(waiting, UTC)
    assert waiting.results[0].content == "The key is under the pot."
    both = SearchRequest("key", spaces={"home": "home", "other": "other"})
    assert (await rig.memory.search(both)).pending == 3
    await rig.index()
    done = await rig.memory.search(request)
    assert "pending" not in to_json(done)
    assert "for now" not in search_text(done, UTC)


async def test_context_tells_what_waits_and_says_so_where_nothing_is_found(rig):
    await rig.save("The key is under the pot.", space_id="home")
    found = await rig.memory.context(ContextRequest("key", space_id="home"))
    assert to_json(found)["pending"] == 1
    nothing = await rig.memory.context(ContextRequest("zebra", space_id="home"))
    assert context_text(nothing, UTC).endswith("Found by words only for now: 1 memory.\n")


async def test_no_more_are_counted_than_tell_something(rig, monkeypatch):
    monkeypatch.setattr("sage.service.search.pipeline.MAX_PENDING", 2)
    monkeypatch.setattr("sage.retrieval.context.tool_texts.MAX_PENDING", 2)
    await rig.save("one", "two", "three", space_id="home")
    answer = await rig.memory.search(SearchRequest("two", space_id="home"))
    assert answer.pending == 2
    assert "Found by words only for now: at least 2 memories.\n" in search_text(answer, UTC)
