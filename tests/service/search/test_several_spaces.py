"""One search through several spaces."""

import asyncio
from dataclasses import replace

import pytest

from sage.access.authorization import enter_all
from sage.api.answer_json import to_json_object
from sage.domain.caller import Grant, Principal, SpaceRole
from sage.domain.gathering import ContextRequest
from sage.domain.memories import Message, SaveRequest
from sage.domain.searching import Filters, SearchRequest
from sage.errors import InvalidInputError, NotFoundError, ProviderUnavailableError
from sage.service.search.pipeline import SearchPipeline
from sage.service.search.several_spaces import in_each

BOTH = {"team": "our team", "mine": "mine"}


@pytest.fixture
async def birds(rig):
    """Fill three spaces, of which two are looked through."""
    for space_id in ("team", "mine", "theirs"):
        said = ("a heron nests by the mill", f"this is said in {space_id}")
        await rig.save(*said, session_id="birds", space_id=space_id)
        for bird in ("wren", "owl", "crane"):
            await rig.save(f"a {bird} sings", session_id=bird, space_id=space_id)
    await rig.index()
    return rig


def places(answer):
    return {(hit.space, hit.content) for hit in answer.results}


async def test_hits_of_all_spaces_come_in_one_order_with_the_names_of_these(birds):
    answer = await birds.memory.search(SearchRequest("heron mill", n=50, spaces=BOTH))
    first = [(hit.space, hit.content) for hit in answer.results[:2]]
    assert sorted(first) == [(name, "a heron nests by the mill") for name in ("mine", "our team")]
    assert "theirs" not in str(answer)
    assert len(answer.results) == 10
    assert to_json_object(answer)["results"][0]["space"] in BOTH.values()


async def test_where_one_space_is_searched_nothing_is_said_of_it(birds):
    answer = await birds.memory.search(SearchRequest("heron mill", space_id="team"))
    assert answer.results
    assert "space" not in to_json_object(answer)["results"][0]
    context = await birds.memory.context(ContextRequest("heron mill", space_id="team"))
    assert "space" not in context.context


async def test_the_number_and_the_filters_hold_for_the_whole(birds):
    answer = await birds.memory.search(SearchRequest("heron mill", n=1, spaces=BOTH))
    assert len(answer.results) == 1
    wren = Filters(session_id="wren")
    answer = await birds.memory.search(SearchRequest("said", n=50, spaces=BOTH, filters=wren))
    assert places(answer) == {(name, "a wren sings") for name in BOTH.values()}


async def test_a_space_that_is_gone_or_empty_does_no_harm(birds):
    spaces = BOTH | {"gone": "gone", "empty": "empty"}
    whole = await birds.memory.search(SearchRequest("heron mill", n=50, spaces=spaces))
    known = await birds.memory.search(SearchRequest("heron mill", n=50, spaces=BOTH))
    assert whole == known


async def test_the_question_is_embedded_once_for_all_spaces(birds):
    before = birds.embedder.texts_embedded
    spaces = BOTH | {f"space {number}": f"space {number}" for number in range(18)}
    await birds.memory.search(SearchRequest("heron mill", spaces=spaces))
    assert birds.embedder.texts_embedded == before + 1


async def test_without_the_embedder_all_spaces_are_searched_by_words(birds):
    birds.embedder.failure = ProviderUnavailableError("it is away")
    answer = await birds.memory.search(SearchRequest("heron", n=50, spaces=BOTH))
    assert {hit.space for hit in answer.results} == set(BOTH.values())
    assert [one.part for one in answer.degraded] == ["embedding"]


async def test_an_embedder_that_never_answers_is_waited_for_once(birds):
    class Silent:
        model, max_chars, is_local = birds.embedder.model, 400, False
        asked = 0

        def has_word(self, _word):
            return False

        async def embed_query(self, _text):
            self.asked += 1
            await asyncio.sleep(60)

    silent = Silent()
    handle = replace(birds.model.handle, embedder=silent)
    pipeline = SearchPipeline(birds.database, embed_deadline_s=0.3)
    spaces = BOTH | {f"space {number}": f"space {number}" for number in range(18)}
    async with asyncio.timeout(3):
        found = await pipeline.search(SearchRequest("heron", spaces=spaces), handle)
    assert {hit.space for hit in found.hits} == set(BOTH.values())
    assert silent.asked == 1
    assert len(found.degraded) == 1


async def test_a_context_keeps_sessions_of_one_name_apart(birds):
    answer = await birds.memory.context(ContextRequest("heron mill", spaces=BOTH))
    text = answer.context
    assert "[space our team, session birds, " in text
    assert "[space mine, session birds, " in text
    mine, team = text.index("space mine, session birds"), text.index("space our team, ")
    assert abs(text.index("said in mine") - mine) < abs(text.index("said in mine") - team)
    assert "theirs" not in text
    assert {one.space for one in answer.memories} == set(BOTH.values())


async def test_a_message_that_two_spaces_hold_takes_no_place_of_another(birds):
    saved = await birds.save("a heron nests by the mill", session_id="again", space_id="team")
    async with birds.database.transaction_across_spaces() as conn:
        await conn.execute(
            "UPDATE sage.memories SET content = 'a heron nests by the mill, they say'"
            " WHERE memory_id = $1",
            saved.memory_ids[0],
        )
        await conn.execute(
            "INSERT INTO sage.sessions (space_id, session_id) VALUES ('mine', 'again')"
            " ON CONFLICT DO NOTHING"
        )
        columns = await conn.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'sage'"
            " AND table_name = 'memories' AND is_generated = 'NEVER' AND is_identity = 'NO'"
        )
        names = [row["column_name"] for row in columns if row["column_name"] != "arrival"]
        values = ", ".join(
            {"space_id": "'mine'", "content": "'a heron stands in the pond'"}.get(name, name)
            for name in names
        )
        await conn.execute(
            f"INSERT INTO sage.memories ({', '.join(names)}) SELECT {values} FROM sage.memories"
            " WHERE space_id = 'team' AND memory_id = $1",
            saved.memory_ids[0],
        )
    request = SearchRequest("heron", n=50, spaces=BOTH)
    found = [
        hit for hit in (await birds.memory.search(request)).results if hit.session_id == "again"
    ]
    assert {(hit.space, hit.content) for hit in found} == {
        ("our team", "a heron nests by the mill, they say"),
        ("mine", "a heron stands in the pond"),
    }
    context = (await birds.memory.context(ContextRequest("heron", spaces=BOTH))).context
    assert ("they say" in context) != ("stands in the pond" in context)


async def test_a_search_of_many_spaces_leaves_connections_to_others(birds):
    """A local model is waited for with the connections in hand."""
    is_awaited, goes_on, embed = asyncio.Event(), asyncio.Event(), birds.embedder.embed_query

    async def embed_query(text):
        is_awaited.set()
        await goes_on.wait()
        return await embed(text)

    birds.embedder.is_local, birds.embedder.embed_query = True, embed_query
    many = BOTH | {f"empty {number}": f"empty {number}" for number in range(6)}
    search = asyncio.create_task(birds.memory.search(SearchRequest("heron mill", spaces=many)))
    await is_awaited.wait()
    await asyncio.sleep(0.5)
    async with asyncio.timeout(2), birds.database.in_space("a"), birds.database.in_space("b"):
        goes_on.set()
    assert (await search).results


async def test_what_one_space_raises_is_raised_and_ends_the_others():
    ended = []

    async def work(space):
        if space == "broken":
            await asyncio.sleep(0)
            raise NotFoundError("it is broken")
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(space)

    with pytest.raises(NotFoundError, match="it is broken"):
        await in_each(["slow", "broken"], work)
    assert ended == ["slow"]


def test_a_caller_is_let_into_twenty_spaces_at_most():
    def principal(number):
        return Principal(
            tuple(Grant(f"id {n}", f"space {n}", SpaceRole.READER) for n in range(number))
        )

    assert len(enter_all(principal(20), SpaceRole.READER).spaces) == 20
    with pytest.raises(InvalidInputError, match="21 spaces; at most 20 can be searched"):
        enter_all(principal(21), SpaceRole.READER)
    one = enter_all(principal(1), SpaceRole.READER)
    assert (one.space_id, one.spaces) == ("id 0", {})
    with pytest.raises(NotFoundError):
        enter_all(principal(0), SpaceRole.READER)


async def test_who_saved_what_is_told_as_seen_from_who_asks(rig):
    for space_id, author in (("team", "ben"), ("mine", "anna")):
        said = (Message.validate("user", "a heron nests by the mill"),)
        await rig.memory.save(SaveRequest(said, space_id=space_id, author=author, source="rest"))
    await rig.index()
    answer = await rig.memory.search(SearchRequest("heron", spaces=BOTH, reader="anna"))
    assert {(hit.space, hit.trust) for hit in answer.results} == {
        ("our team", "other member"),
        ("mine", None),
    }
