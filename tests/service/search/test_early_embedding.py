import asyncio

import pytest

from sage.service.search.pipeline import SearchPipeline
from sage.store.connections.pool import open_database
from tests.support.embedders import BagOfWordsEmbedder
from tests.support.library import Library


@pytest.fixture
async def library(database):
    return await Library(database, BagOfWordsEmbedder()).open()


@pytest.fixture
def asked(library):
    """Note what the model is asked to embed."""
    texts = []
    embed = library.embedder.embed_query

    async def embed_query(text):
        texts.append(text)
        return await embed(text)

    library.embedder.embed_query = embed_query
    library.embedder.is_local = True
    return texts


async def keep_talk(library, **rest):
    await library.keep(
        {"content": "I painted a heron by the mill", "name": "Anna"},
        {"content": "bread bakes at dawn", "name": "Ben"},
        **rest,
    )


async def test_a_local_model_begins_anew_for_a_name_it_meets_first(library, asked):
    await keep_talk(library)
    assert await library.found("What did Anna paint?", n=1) == ["I painted a heron by the mill"]
    assert asked[-1] == "What did paint?"
    del asked[:]
    await library.search("When did Anna bake bread?")
    assert asked == ["When did bake bread?"]


async def test_a_guess_that_was_wrong_changes_no_answer(library, asked):
    await keep_talk(library)
    first = await library.search("What did Anna paint?")
    known = await library.search("What did Anna paint?")
    assert (known.hits, known.relevance) == (first.hits, first.relevance)
    await library.search("Where is the mill that Ben painted?")
    assert asked[-1] == "Where is the mill that painted?"


async def test_names_of_one_space_are_not_guessed_in_another(library, asked):
    await keep_talk(library)
    await library.search("What did Anna paint?")
    del asked[:]
    await library.keep("a heron by the mill", space_id="other")
    await library.search("What did Anna paint?", space_id="other")
    assert asked == ["What did Anna paint?"]


async def test_a_local_model_embeds_a_question_with_a_slip_once_as_it_is_meant(library, asked):
    library.embedder.has_word = {"paint", "bread"}.__contains__
    await keep_talk(library)
    await library.search("Who painted by a mlil?")
    await library.search("Who painted bread?")
    assert asked == ["Who painted by a mill?", "Who painted bread?"]


async def test_a_local_model_does_not_wait_for_a_word_that_is_common(library, asked):
    library.embedder.has_word = {"paint"}.__contains__
    await keep_talk(library)
    await library.search("What did Anna paint by a mill?")
    assert asked == ["What did paint by a mill?"]
    del asked[:]
    async with library.database.across_spaces() as conn:
        await conn.execute("ANALYZE sage.memories")
    library.pipeline = SearchPipeline(library.database)
    await library.search("What did Anna paint by the mill?")
    assert asked == ["What did Anna paint by the mill?", "What did paint by the mill?"]


async def test_a_provider_is_asked_once_a_question(library, asked):
    library.embedder.is_local = False
    await keep_talk(library)
    await library.search("What did Anna paint?")
    assert asked == ["What did paint?"]


async def test_one_connection_is_enough_for_a_local_model(postgres_dsn, library, asked):
    await keep_talk(library)
    database = await open_database(postgres_dsn, max_size=1)
    library.pipeline = SearchPipeline(database)
    async with asyncio.timeout(10):
        answers = await asyncio.gather(*(library.found("Anna", n=1) for _ in range(4)))
    await database.close()
    assert answers == [["I painted a heron by the mill"]] * 4
    assert asked


async def test_a_local_model_that_takes_long_keeps_no_connection_from_others(postgres_dsn, library):
    await keep_talk(library)
    is_awaited, goes_on, embed = asyncio.Event(), asyncio.Event(), library.embedder.embed_query

    async def embed_query(text):
        is_awaited.set()
        await goes_on.wait()
        return await embed(text)

    library.embedder.is_local, library.embedder.embed_query = True, embed_query
    database = await open_database(postgres_dsn, max_size=1)
    library.pipeline = SearchPipeline(database)
    search = asyncio.create_task(library.search("heron"))
    await is_awaited.wait()
    await asyncio.sleep(0.5)
    async with asyncio.timeout(2), database.in_space("default"):
        goes_on.set()
    answer = await search
    await database.close()
    assert "I painted a heron by the mill" in {hit.content for hit in answer.hits}
    assert not answer.degraded


async def test_a_model_that_fails_while_names_are_looked_up_costs_no_answer(library, asked):
    await keep_talk(library)

    async def never(_text):
        asked.append(_text)
        await asyncio.sleep(60)

    library.embedder.embed_query = never
    library.pipeline = SearchPipeline(library.database, embed_deadline_s=0.2)
    answer = await library.search("heron")
    assert [hit.content for hit in answer.hits] == ["I painted a heron by the mill"]
    assert [one.part for one in answer.degraded] == ["embedding"]
    assert asked == ["heron"]
