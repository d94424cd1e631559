"""What holds now, what held before, and what comes back when the new is forgotten."""

import pytest

from sage.domain.gathering import ContextRequest
from sage.domain.ids import short_id
from sage.domain.memories import ForgetRequest, Message, SaveRequest
from sage.domain.searching import Filters, SearchRequest
from sage.errors import ConflictError, InvalidInputError


async def found(rig, query="piano teacher", **filters):
    request = SearchRequest(query, n=50, filters=Filters(**filters))
    return [hit.content for hit in (await rig.memory.search(request)).results]


@pytest.fixture
async def chain(rig):
    """Save a fact and correct it twice; give the ids, oldest first."""
    ids = []
    for teacher in ("Ada", "Bo", "Cy"):
        receipt = await rig.save(
            f"The piano teacher is {teacher}", session_id=teacher, replaces=tuple(ids[-1:])
        )
        ids.extend(receipt.memory_ids)
    await rig.index()
    return ids


async def forget(rig, *ids, **rest):
    return await rig.memory.forget(ForgetRequest(memory_ids=ids, **rest))


@pytest.mark.usefixtures("chain")
async def test_what_was_replaced_is_left_out_and_found_when_asked_for(rig):
    assert await found(rig) == ["The piano teacher is Cy"]
    assert len(await found(rig, include_superseded=True)) == 3
    answer = await rig.memory.search(
        SearchRequest("piano", filters=Filters(include_superseded=True))
    )
    assert {hit.content[-2:]: hit.superseded_at is not None for hit in answer.results} == {
        "da": True,
        "Bo": True,
        "Cy": False,
    }


async def test_what_was_replaced_takes_no_places_from_what_holds_now(rig):
    """More is superseded than a search reads, and all of it is nearer to the question."""
    old = [f"The piano teacher is {number}" for number in range(130)]
    receipt = await rig.save(*old)
    await rig.save("Cy has taught us the piano since May", replaces=receipt.memory_ids[:100])
    await rig.save("The cat sleeps", replaces=receipt.memory_ids[100:])
    await rig.index()
    assert set(await found(rig)) == {"Cy has taught us the piano since May", "The cat sleeps"}
    assert set(await found(rig, role="user")) == set(await found(rig))
    assert set(await found(rig, include_superseded=True)) <= set(old)


async def test_what_was_replaced_is_kept_and_shown_as_such(rig, chain):
    old, _, current = [await rig.memory.read_memory("default", one) for one in chain]
    assert old.superseded_at is not None
    assert current.superseded_at is None


async def test_forgetting_the_new_brings_back_the_one_before_and_undo_takes_it_away(rig, chain):
    await forget(rig, chain[2])
    assert await found(rig) == ["The piano teacher is Bo"]
    await forget(rig, chain[2], undo=True)
    assert await found(rig) == ["The piano teacher is Cy"]


async def test_forgetting_one_in_the_middle_brings_nothing_back(rig, chain):
    await forget(rig, chain[1])
    assert await found(rig) == ["The piano teacher is Cy"]
    await forget(rig, chain[2])
    assert await found(rig) == ["The piano teacher is Ada"]


async def test_old_and_new_forgotten_at_once_come_back_as_they_were(rig, chain):
    await forget(rig, *chain)
    assert await found(rig) == []
    await forget(rig, *chain, undo=True)
    assert await found(rig) == ["The piano teacher is Cy"]
    await forget(rig, *chain)
    await forget(rig, chain[0], undo=True)
    assert await found(rig) == ["The piano teacher is Ada"]


@pytest.mark.usefixtures("chain")
async def test_forgetting_a_session_counts_as_forgetting_what_is_in_it(rig):
    await rig.memory.forget(ForgetRequest(session_id="Cy"))
    assert await found(rig) == ["The piano teacher is Bo"]


async def test_several_are_replaced_by_short_ids_and_by_every_message_of_a_save(rig):
    first = await rig.save("The piano is red", "The piano is old")
    second = await rig.save(
        "The piano is new",
        "Noted: a new piano",
        replaces=(first.memory_ids[0],),
        replaces_short=(short_id(first.memory_ids[1]),),
    )
    assert sorted(await found(rig, "piano")) == ["Noted: a new piano", "The piano is new"]
    await forget(rig, second.memory_ids[0])
    assert await found(rig, "piano") == ["Noted: a new piano"]


async def test_a_context_leaves_out_what_was_replaced_even_beside_a_hit(rig):
    first = await rig.save("The piano teacher is Ada", "She lives by the mill", session_id="talk")
    await rig.save("The piano teacher is Bo", session_id="talk", replaces=(first.memory_ids[0],))
    answer = await rig.memory.context(ContextRequest("piano teacher"))
    assert "Bo" in answer.context
    assert "mill" in answer.context
    assert "Ada" not in answer.context


async def test_an_unknown_or_forgotten_memory_cannot_be_replaced_and_nothing_is_saved(rig, chain):
    with pytest.raises(InvalidInputError, match="replaces"):
        await rig.save("The piano teacher is Di", replaces_short=("00000000",))
    await forget(rig, chain[0])
    with pytest.raises(InvalidInputError, match="does not exist"):
        await rig.save("The piano teacher is Di", replaces=(chain[0],))
    assert await found(rig) == ["The piano teacher is Cy"]


async def test_nothing_of_another_space_is_replaced(rig, chain):
    with pytest.raises(InvalidInputError, match="does not exist"):
        await rig.save("The piano teacher is Di", replaces=(chain[2],), space_id="other")


async def test_a_save_sent_again_replaces_once_and_another_list_is_another_body(rig, chain):
    message = (Message.validate("user", "The piano teacher is Di"),)
    request = SaveRequest(message, idempotency_key="di", replaces=(chain[2],))
    first, again = [await rig.memory.save(request) for _ in range(2)]
    assert (again.saved, again.memory_ids) == (False, first.memory_ids)
    with pytest.raises(ConflictError):
        await rig.memory.save(SaveRequest(message, idempotency_key="di", replaces=(chain[1],)))
