# ruff: noqa: RUF001 - Chinese punctuation is what is tested

import re

import pytest

from sage.domain.gathering import ContextRequest
from sage.domain.memories import Message, SaveRequest
from sage.domain.searching import Filters
from sage.errors import ProviderUnavailableError


@pytest.fixture
def gather(rig):
    async def context(query, **rest):
        return await rig.memory.context(ContextRequest(query, **rest))

    return context


async def test_context_never_exceeds_its_window(rig, gather):
    await rig.save(*(f"the ferry number {n} leaves at {n} past nine" for n in range(40)))
    await rig.index()
    answer = await gather("when does the ferry leave", max_results=50, context_window=200)
    assert answer.memories
    assert answer.tokens <= 200


async def test_context_brings_the_answer_to_a_question_and_the_question_to_an_answer(rig, gather):
    talk = ("Which ferry do you take?", "Nine sharp.", "What pays for it?", "The harbour office.")
    roles = ("user", "assistant") * 2
    await rig.memory.save(SaveRequest(tuple(map(Message.validate, roles, talk))))
    await rig.index()
    for query in ("ferry", "sharp"):
        context = (await gather(query)).context
        assert context.index("Which ferry do you take?") < context.index("Nine sharp.")


async def test_turns_saved_at_one_moment_stand_in_the_order_they_came_in(rig, gather):
    await rig.save(*(f"turn {number} of the ferry" for number in range(8)))
    await rig.index()
    told = re.findall(r"turn (\d)", (await gather("ferry")).context)
    assert told == sorted(told)
    assert len(told) == 8


async def test_as_many_memories_are_listed_as_asked_for_while_the_text_is_filled(rig, gather):
    for number in range(20):
        await rig.save(f"ferry {number}", session_id=f"s{number}")
    await rig.index()
    answer = await gather("ferry", max_results=3)
    assert len(answer.memories) == 3
    assert answer.context.count("ferry ") == 20
    assert len((await gather("ferry")).memories) == 10


async def test_what_is_gathered_from_one_session_or_time_stays_in_it(rig, gather):
    for day in (1, 2):
        turns = ("ferry talk", "and more of it")
        said = tuple(Message.validate("user", t, created_at=f"2026-03-0{day}") for t in turns)
        await rig.memory.save(SaveRequest(said, session_id="talk", metadata={"day": day}))
    await rig.save("ferry elsewhere", session_id="other")
    await rig.index()
    by_metadata = await gather("ferry", filters=Filters(metadata={"day": 1}))
    assert set(re.findall(r"2026-03-0\d", by_metadata.context)) == {"2026-03-01"}
    by_session = await gather("ferry", filters=Filters(session_id="talk"))
    assert "elsewhere" not in by_session.context


@pytest.mark.parametrize(
    ("filler", "told", "query"),
    [
        ("the sky is grey and wide. ", "The oolong grows on Alishan. ", "where does oolong grow"),
        ("天空灰蒙蒙的。", "乌龙茶长在阿里山。", "乌龙茶长在哪里？"),
        ("天空灰蒙蒙的", "乌龙茶长在阿里山", "乌龙茶长在哪里"),
    ],
    ids=["English", "Chinese", "Chinese without marks"],
)
async def test_of_a_memory_larger_than_the_window_the_part_that_answers_is_given(
    rig, gather, filler, told, query
):
    text = filler * 400 + told + filler * 400
    await rig.save(text)
    await rig.index()
    answer = await gather(query, context_window=200)
    assert told.strip() in answer.context
    assert "[...]" in answer.context
    assert len(answer.memories) == 1
    assert len(answer.context) < 1200
    assert answer.tokens <= 200


async def test_of_a_large_memory_the_chunk_of_like_meaning_is_given(rig, gather):
    """Both places hold the word; only the bag of words tells which of them is about it."""
    text = f"{'sky ' * 300}sky tea. {'sky ' * 300}tea hills. {'tea ' * 99}{'sky ' * 300}"
    await rig.save(text)
    await rig.index()
    assert "tea hills" in (await gather("tea", context_window=200)).context


async def test_a_question_is_embedded_once_whatever_is_found(rig, gather):
    await rig.save("sky " * 2000 + "oolong. " + "sky " * 2000)
    await rig.index()
    embedded = rig.embedder.texts_embedded
    assert "[...]" in (await gather("oolong", context_window=200)).context
    assert rig.embedder.texts_embedded == embedded + 1


async def test_without_the_embedder_words_tell_which_part_is_meant(rig, gather):
    await rig.save("sky " * 2000 + "oolong. " + "sky " * 2000)
    rig.embedder.failure = ProviderUnavailableError("away")
    answer = await gather("oolong", context_window=200)
    assert "oolong" in answer.context
    assert [skipped.part for skipped in answer.degraded] == ["embedding"]


async def test_nothing_found_is_no_text(gather):
    answer = await gather("anything")
    assert (answer.context, answer.memories, answer.tokens) == ("", (), 0)
