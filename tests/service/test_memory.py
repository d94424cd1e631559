import asyncio
import threading
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from sage.domain.candidates import PlannerStatistics
from sage.domain.ids import short_id
from sage.domain.memories import ForgetRequest, Indexed, Message, Role, SaveRequest
from sage.domain.reading import ReadRequest
from sage.domain.searching import Filters, SearchRequest
from sage.errors import ConflictError, InvalidInputError, NotFoundError, ProviderUnavailableError
from sage.retrieval.preferences.keys import lexemes_of
from sage.service import memory
from sage.service.search import slow_reads

_SLOWLY = """
CREATE SEQUENCE public.times_compared;
GRANT ALL ON SEQUENCE public.times_compared TO public;
CREATE OR REPLACE FUNCTION sage.vector_distance(one halfvec, other halfvec)
RETURNS double precision LANGUAGE plpgsql AS $$
BEGIN
    PERFORM nextval('public.times_compared'), pg_sleep(60);
    RETURN one <=> other;
END
$$
"""
_WORDS_SLOWLY = """
CREATE OR REPLACE FUNCTION sage.words_matching(space text, sought tsquery, is_large boolean)
RETURNS SETOF tsvector LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_sleep(60);
END
$$
"""


async def found(rig, query, **rest):
    answer = await rig.memory.search(SearchRequest(query, n=50, **rest))
    return [hit.content for hit in answer.results]


async def test_a_saved_conversation_is_read_back_in_its_order(rig):
    receipt = await rig.save("first", "second", "third", session_id="talk")
    session = await rig.memory.read_session("default", "talk")
    assert [memory.content for memory in session] == ["first", "second", "third"]
    assert tuple(memory.memory_id for memory in session) == receipt.memory_ids
    assert receipt.saved


async def test_created_at_orders_a_session_before_arrival_does(rig):
    late, early = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    for text, when in (("later", late), ("earlier", early)):
        message = Message.validate("user", text, created_at=when)
        await rig.memory.save(SaveRequest((message,), session_id="talk"))
    session = await rig.memory.read_session("default", "talk")
    assert [memory.content for memory in session] == ["earlier", "later"]


async def test_an_id_is_not_guessed_where_two_end_alike(rig, monkeypatch):
    ids = iter([UUID(int=1 << 64 | 7), UUID(int=2 << 64 | 7), UUID(int=3 << 64 | 8)])
    monkeypatch.setattr(memory, "new_memory_id", lambda: next(ids))
    receipt = await rig.save("first", "second", "third")
    with pytest.raises(InvalidInputError, match="is ambiguous") as refused:
        await rig.memory.forget(ForgetRequest(short_ids=("00000007",)))
    for memory_id, content in zip(receipt.memory_ids[:2], ("first", "second"), strict=True):
        assert f"{memory_id} (2" in refused.value.hint
        assert f"“{content}”" in refused.value.hint
    forgotten = await rig.memory.forget(ForgetRequest(short_ids=("00000008",)))
    assert forgotten.forgotten == 1
    read = await rig.memory.read_memories(ReadRequest(receipt.memory_ids))
    assert [one.content for one in read.memories] == ["first", "second"]
    assert read.unknown == (str(receipt.memory_ids[2]),)


async def test_a_short_id_names_nothing_in_another_space(rig):
    receipt = await rig.save("mine", space_id="mine")
    short = short_id(receipt.memory_ids[0])
    forgotten = await rig.memory.forget(ForgetRequest(short_ids=(short,), space_id="yours"))
    assert (forgotten.forgotten, forgotten.unknown) == (0, 1)
    read = await rig.memory.read_memories(ReadRequest((), (short,), space_id="mine"))
    assert [one.content for one in read.memories] == ["mine"]


async def test_a_save_is_found_by_its_words_before_any_vector_exists(rig):
    receipt = await rig.save("the lighthouse keeper drinks oolong")
    assert receipt.indexed is Indexed.PENDING
    assert await found(rig, "who drinks oolong") == ["the lighthouse keeper drinks oolong"]


async def test_a_save_sent_twice_answers_as_the_first_time(rig):
    first = await rig.save("hello", session_id="talk")
    again = await rig.save("hello", session_id="talk")
    assert again.memory_ids == first.memory_ids
    assert not again.saved


async def test_a_message_said_at_two_times_is_two_memories(rig):
    receipts = [
        await rig.memory.save(
            SaveRequest(
                (Message.validate("user", "good morning", created_at=f"2026-03-0{day}"),),
                session_id="talk",
            )
        )
        for day in (1, 2)
    ]
    assert all(receipt.saved for receipt in receipts)
    assert len(await rig.memory.read_session("default", "talk")) == 2


async def test_an_idempotency_key_with_another_body_is_refused(rig):
    await rig.save("hello", session_id="talk", idempotency_key="k")
    with pytest.raises(ConflictError):
        await rig.save("goodbye", session_id="talk", idempotency_key="k")
    assert len(await rig.memory.read_session("default", "talk")) == 1


async def test_two_hundred_equal_saves_at_once_are_one_memory(rig):
    receipts = await asyncio.gather(*(rig.save("once", session_id="talk") for _ in range(200)))
    assert sum(receipt.saved for receipt in receipts) == 1
    assert len({receipt.memory_ids for receipt in receipts}) == 1
    assert len(await rig.memory.read_session("default", "talk")) == 1


async def test_spaces_never_see_each_other(rig):
    receipt = await rig.save("a secret of one", space_id="one", session_id="talk")
    assert await found(rig, "secret", space_id="two") == []
    assert await found(rig, "secret", space_id="one") == ["a secret of one"]
    with pytest.raises(NotFoundError):
        await rig.memory.read_memory("two", receipt.memory_ids[0])
    forgotten = await rig.memory.forget(ForgetRequest(receipt.memory_ids, space_id="two"))
    assert (forgotten.forgotten, forgotten.unknown) == (0, 1)


async def test_what_is_forgotten_is_gone_until_it_is_brought_back(rig):
    receipt = await rig.save("the harbour at dusk", session_id="talk")
    await rig.index()
    ids = receipt.memory_ids
    assert (await rig.memory.forget(ForgetRequest(ids))).forgotten == 1
    assert await found(rig, "harbour") == []
    with pytest.raises(NotFoundError):
        await rig.memory.read_memory("default", ids[0])
    assert (await rig.memory.stats("default")).memories == 0
    assert (await rig.memory.forget(ForgetRequest(ids, undo=True))).restored == 1
    assert await found(rig, "harbour") == ["the harbour at dusk"]


async def test_an_unknown_id_is_counted_not_raised_when_forgetting(rig):
    receipt = await rig.memory.forget(ForgetRequest((uuid4(),)))
    assert (receipt.forgotten, receipt.unknown) == (0, 1)


async def test_filters_narrow_what_may_answer(rig):
    for number, role in enumerate(("user", "assistant")):
        message = Message.validate(role, "tea at the harbour", created_at=f"2026-03-0{number + 1}")
        await rig.memory.save(
            SaveRequest((message,), session_id=f"s{number}", metadata={"n": number})
        )
    by = {
        "session": Filters(session_id="s0"),
        "role": Filters(role="user"),
        "before": Filters(before=datetime(2026, 3, 2, tzinfo=UTC)),
        "metadata": Filters(metadata={"n": 0}),
    }
    for name, filters in by.items():
        answer = await rig.memory.search(SearchRequest("tea harbour", filters=filters))
        assert [hit.session_id for hit in answer.results] == ["s0"], name


async def test_search_goes_on_by_words_while_the_provider_is_away(rig):
    await rig.save("the ferry leaves at nine")
    await rig.index()
    rig.embedder.failure = ProviderUnavailableError("away")
    answer = await rig.memory.search(SearchRequest("ferry"))
    assert [hit.content for hit in answer.results] == ["the ferry leaves at nine"]
    assert [skipped.part for skipped in answer.degraded] == ["embedding"]


async def test_stats_count_memories_sessions_and_the_queue(rig):
    await rig.save("one", "two", session_id="talk")
    before = await rig.memory.stats("default")
    await rig.index()
    after = await rig.memory.stats("default")
    assert (before.memories, before.sessions, before.queue.pending) == (2, 1, 2)
    assert (after.queue.pending, after.queue.failed) == (0, 0)
    vectors = 2 * (2 * rig.embedder.model.dimensions + 8)
    assert after.storage_bytes == before.storage_bytes + vectors


async def test_a_long_text_is_cut_beside_the_event_loop(rig, monkeypatch):
    places = []

    def cut(content, name, created_at, role):
        places.append(threading.current_thread() is threading.main_thread())
        return lexemes_of(content, name, created_at, role)

    monkeypatch.setattr(memory, "lexemes_of", cut)
    await rig.save("short")
    await rig.save("heron " * 10_000)
    assert places == [True, False]


async def test_where_comparing_vectors_takes_too_long_words_answer_and_the_answer_says_so(
    rig, monkeypatch
):
    """As in a space of a million vectors that has no index yet."""
    await rig.save("the heron nests by the mill", "bread bakes")
    await rig.index()
    monkeypatch.setattr(slow_reads, "_COMPARE_DEADLINE_S", 0.1)
    async with rig.database.across_spaces() as conn:
        await conn.execute(_SLOWLY)
    for filters in (Filters(), Filters(role=Role.USER), Filters()):
        answer = await rig.memory.search(SearchRequest("heron", filters=filters))
        assert [hit.content for hit in answer.results] == ["the heron nests by the mill"]
        [skipped] = answer.degraded
        assert skipped.part == "vectors"
        assert "no index yet" in skipped.reason
    async with rig.database.across_spaces() as conn:
        times = await conn.fetchrow("SELECT last_value, is_called FROM public.times_compared")
        assert tuple(times.values()) == (1, True)  # what was slow is not tried again at once


async def test_where_words_take_too_long_in_a_large_space_meaning_answers_and_the_answer_says_so(
    rig, monkeypatch
):
    await rig.save("the heron nests by the mill", "bread bakes")
    await rig.index()
    monkeypatch.setattr(slow_reads, "_WORDS_DEADLINE_S", 0.1)
    monkeypatch.setattr(PlannerStatistics, "is_large", lambda _self, _space_id: True)
    async with rig.database.across_spaces() as conn:
        await conn.execute(_WORDS_SLOWLY)
    for _ in range(2):
        answer = await rig.memory.search(SearchRequest("Where does the heron nest?"))
        assert answer.results[0].content == "the heron nests by the mill"
        [skipped] = answer.degraded
        assert (skipped.part, skipped.reason) == (
            "words",
            "looking up the words of the question takes over 0.1 s",
        )
