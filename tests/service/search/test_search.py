# ruff: noqa: RUF001 - Chinese punctuation is what is tested

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from sage.domain.memories import Role
from sage.domain.searching import Degradation, Filters
from sage.errors import ProviderUnavailableError
from sage.service.search.pipeline import SearchPipeline
from sage.store import memories
from sage.store.connections.pool import open_database
from tests.support.embedders import BagOfWordsEmbedder
from tests.support.library import START, Library


@pytest.fixture
async def library(database):
    return await Library(database, BagOfWordsEmbedder(dimensions=64)).open()


async def test_the_turn_that_answers_comes_first_with_all_that_is_shown_of_it(library):
    ids = await library.keep(
        {"content": "The heron nests by the mill", "name": "Anna", "role": "assistant"},
        "Bread bakes in the oven",
        "The train leaves at noon",
        metadata={"topic": "birds"},
    )
    answer = await library.search("where does the heron nest?", n=1)
    memory = answer.hits[0]
    assert (memory.memory_id, memory.session_id) == (ids[0], "talk")
    assert (memory.role, memory.name) == (Role.ASSISTANT, "Anna")
    assert memory.content == "The heron nests by the mill"
    assert memory.created_at == START
    assert answer.degraded == ()
    assert {"meaning", "words", "speaker"} <= set(answer.hits[0].signals)


async def test_a_word_of_two_chinese_characters_is_found(library):
    await library.keep("昨天学做了面食，味道不错", "公园里的花开了", "火车中午出发", embedded=False)
    assert (await library.found("面食"))[0] == "昨天学做了面食，味道不错"


@pytest.mark.parametrize("question", ["What did Carolinne eat?", "waht did carolien eat?"])
async def test_a_name_typed_wrongly_is_the_speakers(library, question):
    await library.keep(
        *({"content": f"I eat bread {day}", "name": "Ben"} for day in ("today", "now", "daily")),
        {"content": "I eat soup", "name": "Caroline"},
    )
    assert (await library.found(question))[0] == "I eat soup"


async def test_a_word_typed_wrongly_finds_what_was_meant(library):
    for text in ("Bread bakes", "We went to the pottery class", "The train leaves at noon"):
        await library.keep(text, session_id=text)
    assert (await library.found("was it potery"))[0] == "We went to the pottery class"


@pytest.mark.parametrize(
    "question",
    ["What did Brunhilda say?", "what did brunhilda brew?", "was it potery", "Did Anne bake?"],
)
async def test_what_other_spaces_hold_changes_no_answer(library, question):
    await library.keep(
        {"content": "I brew tea by the pottery", "name": "Anna"},
        {"content": "Bread bakes in the oven", "name": "Ben"},
        "The train leaves at noon",
    )
    before = await library.search(question)
    speakers = ("Brunhilde", "Anne", "Potery")
    for name in speakers:
        said = {"content": f"{name} and potters, pottery, poter, brew and baked", "name": name}
        await library.keep(*[said] * 100, space_id="other", session_id=name, embedded=False)
    async with library.database.across_spaces() as conn:
        await conn.execute("ANALYZE sage.memories")
    library.pipeline = SearchPipeline(library.database)
    after = await library.search(question)
    assert (after.hits, after.relevance) == (before.hits, before.relevance)


async def test_a_word_that_the_model_has_means_what_it_says(library):
    await library.keep("We went biking", "Bread bakes", "The train leaves at noon")
    library.embedder.has_word = "hiking".__eq__
    assert all(hit.signals["words"] == 0 for hit in (await library.search("hiking?")).hits)


async def test_what_shares_no_word_is_found_by_its_vector_alone(library):
    await library.keep("alpha beta", "gamma delta", "epsilon zeta")
    vector_of = library.embedder.embed_query
    library.embedder.embed_query = lambda _: vector_of("gamma delta")
    assert (await library.found("something else entirely"))[0] == "gamma delta"


async def test_the_speaker_and_the_date_are_found_though_not_in_the_text(library):
    await library.keep(
        {"content": "the tea is ready", "name": "Anna"},
        {"content": "the bread is ready", "name": "Ben", "created_at": START + timedelta(days=60)},
    )
    assert (await library.found("Anna"))[0] == "the tea is ready"
    assert (await library.found("7 July 2023"))[0] == "the bread is ready"


@pytest.mark.parametrize(
    "asked", ["What did I buy yesterday?", "What did Otto sell me last night?"]
)
async def test_yesterday_is_the_day_before_the_question_not_a_word(library, asked):
    day = timedelta(days=1)
    for place, said in enumerate(("Yesterday I bought bread", "I bought a bicycle of Otto", "tea")):
        told_at = datetime.now(UTC) - (400 * day, day, 3 * day)[place]
        await library.keep({"content": said, "created_at": told_at}, session_id=f"talk {place}")
    assert (await library.found(asked))[0] == "I bought a bicycle of Otto"


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
@pytest.mark.parametrize("hour", [0, 12, 23])
async def test_yesterday_is_that_of_the_people_of_the_time_zone(database, zone, hour):
    library = Library(database, BagOfWordsEmbedder(), timezone=ZoneInfo(zone))
    await library.open()
    today = datetime.now(ZoneInfo(zone)).replace(hour=hour, minute=30)
    for days, said in enumerate(("a pear", "a bicycle", "a kettle", "a lamp")):
        told_at = (today - timedelta(days)).astimezone(UTC)
        await library.keep({"content": f"I bought {said}", "created_at": told_at}, session_id=said)
    assert (await library.found("What did I buy yesterday?"))[0] == "I bought a bicycle"
    assert (await library.found("我昨天 buy 了什么"))[0] == "I bought a bicycle"


async def test_where_all_memories_are_old_yesterday_is_a_word_of_those_days(library):
    for place, said in enumerate(("Yesterday I bought bread", "I bought a bicycle of Otto", "tea")):
        await library.keep(said, session_id=f"talk {place}")
    assert (await library.found("What did I buy yesterday?"))[0] == "Yesterday I bought bread"


async def test_a_name_tells_who_spoke_and_does_not_draw_what_others_said_to_her(library):
    for number in range(4):
        await library.keep(
            {"content": f"Hey Anna! All well at the pond number {number}?", "role": "assistant"},
            {"content": f"I feed the ducks, pond number {number}", "role": "user"},
            session_id=f"walk {number}",
        )
    found = await library.found("What does Anna feed at the pond?", n=8)
    for number in range(4):
        said = found.index(f"I feed the ducks, pond number {number}")
        called = found.index(f"Hey Anna! All well at the pond number {number}?")
        assert said < called


async def test_vectors_that_are_read_late_rank_as_those_that_are_read_early(library):
    filler = "sand and stone " * 60
    await library.keep("the heron nests", f"{filler} heron {filler}", "the mill", "bread bakes")
    early = await library.search("where does the heron nest?", n=4)
    library.embedder.ready = False
    late = await library.search("where does the heron nest?", n=4)
    assert late.hits == early.hits
    assert {"meaning", "surrounding_meaning"} <= set(early.hits[0].signals)


@pytest.mark.parametrize(
    "failure", [ProviderUnavailableError("the model is loading"), asyncio.sleep]
)
async def test_without_the_embedder_words_alone_answer_and_the_answer_says_so(library, failure):
    await library.keep("the heron nests by the mill", "bread bakes")
    pipeline = SearchPipeline(library.database, embed_deadline_s=0.05)
    library.pipeline = pipeline
    if failure is asyncio.sleep:
        library.embedder.embed_query = lambda _: asyncio.sleep(30)
    else:
        library.embedder.failure = failure
    answer = await library.search("heron")
    assert [hit.content for hit in answer.hits] == ["the heron nests by the mill"]
    assert [part.part for part in answer.degraded] == ["embedding"]
    assert isinstance(answer.degraded[0], Degradation)
    assert answer.degraded[0].reason


async def test_one_connection_is_enough_and_free_while_the_question_is_embedded(
    postgres_dsn, library
):
    await library.keep("the heron nests by the mill", "bread bakes")
    database = await open_database(postgres_dsn, max_size=1)
    embed = library.embedder.embed_query

    async def embed_query(text):
        async with database.across_spaces() as conn:
            assert await conn.fetchval("SELECT 1") == 1
        return await embed(text)

    library.pipeline = SearchPipeline(database)
    library.embedder.embed_query = embed_query
    answer = await library.search("heron")
    await database.close()
    assert [hit.content for hit in answer.hits] == ["the heron nests by the mill", "bread bakes"]
    assert not answer.degraded


async def test_the_meaning_around_a_turn_is_that_of_the_weighted_mean_of_its_session(library):
    texts = ["alpha beta", "gamma delta", "epsilon zeta", "eta theta", "iota kappa"]
    await library.keep(*texts)
    await library.keep("alpha lambda", session_id="other")
    vectors = await library.embedder.embed_passages(texts)
    question = await library.embedder.embed_query("epsilon alpha")
    means = {
        0: vectors[0] + vectors[1] / 2 + vectors[2] / 4,
        2: vectors[2] + (vectors[1] + vectors[3]) / 2 + (vectors[0] + vectors[4]) / 4,
    }
    hits = {hit.content: hit for hit in (await library.search("epsilon alpha", n=9)).hits}
    for place, mean in means.items():
        expected = mean @ question / np.linalg.norm(mean)
        around = hits[texts[place]].signals["surrounding_meaning"]
        assert around == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize("place", ["before", "after"])
async def test_a_question_is_found_beside_a_long_text_that_was_pasted(library, place):
    await library.keep("The heron nests by the mill", "Bread bakes in the oven", "A train leaves")
    pasted = " ".join(f"line{number}" for number in range(400))
    question = "where does the heron nest?"
    long = f"{question} {pasted}" if place == "after" else f"{pasted} {question}"
    assert (await library.found(long))[0] == "The heron nests by the mill"


async def test_a_turn_without_vector_yet_is_found_beside_those_that_have_one(library):
    await library.keep("bread bakes in the oven", "the train leaves at noon", session_id="old")
    await library.keep("the heron nests by the mill", session_id="new", embedded=False)
    assert (await library.found("heron mill"))[0] == "the heron nests by the mill"


async def test_a_long_turn_is_found_by_its_best_part_and_once(library):
    filler = "nothing of note happened there today. " * 40
    await library.keep(f"{filler} the heron nests by the mill. {filler}", "bread and butter")
    hits = (await library.search("nests by the mill", n=10)).hits
    assert [hit.content[:7] for hit in hits] == ["nothing", "bread a"]
    whole, best_part = await library.embedder.embed_passages(
        [hits[0].content, "the heron nests by the mill."]
    )
    question = await library.embedder.embed_query("nests by the mill")
    assert whole @ question < hits[0].signals["meaning"] <= best_part @ question


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        (Filters(session_id="one"), {"tea one", "tea two"}),
        (Filters(role=Role.ASSISTANT), {"tea two"}),
        (Filters(after=START + timedelta(minutes=1)), {"tea two", "tea three"}),
        (Filters(before=START + timedelta(minutes=1)), {"tea one"}),
        (Filters(metadata={"mood": {"good": True}}), {"tea three"}),
    ],
    ids=["session", "role", "after", "before", "metadata"],
)
@pytest.mark.parametrize("embedded", [True, False])
async def test_only_what_passes_the_filters_is_found(library, filters, kept, embedded):
    await library.keep(
        "tea one", {"content": "tea two", "role": "assistant"}, session_id="one", embedded=embedded
    )
    await library.keep(
        {"content": "tea three", "created_at": START + timedelta(minutes=9)},
        session_id="two",
        metadata={"mood": {"good": True, "hungry": False}},
        embedded=embedded,
    )
    assert set(await library.found("tea", n=50, filters=filters)) == kept


async def test_spaces_and_what_is_forgotten_stay_out(library, database):
    ids = await library.keep("tea here", "tea gone")
    await library.keep("tea there", session_id="x", space_id="other")
    async with database.transaction_across_spaces() as conn:
        await memories.forget(conn, "default", [ids[1]], None)
    assert await library.found("tea", n=50) == ["tea here"]


async def test_hits_under_the_threshold_drop_out(library):
    await library.keep("heron by the mill", "bread", "train", "sun", "rain")
    scores = [hit.standing for hit in (await library.search("heron mill", n=5)).hits]
    assert scores == sorted(scores, reverse=True)
    kept = (await library.search("heron mill", n=5, similarity_threshold=scores[0])).hits
    assert [hit.standing for hit in kept] == [score for score in scores if score >= scores[0]]
    assert (await library.search("heron mill", similarity_threshold=1.0)).hits == ()


async def test_no_more_than_n_hits_come_back(library):
    await library.keep(*(f"tea number {number}" for number in range(20)))
    assert len(await library.found("tea", n=3)) == 3


async def test_a_question_without_words_is_answered_by_meaning_alone(library):
    await library.keep("tea")
    assert await library.found("?!") == ["tea"]


async def test_an_empty_space_answers_with_nothing(library):
    assert await library.found("tea") == []
