"""Memories and sessions are named by any part of their ids that no other has."""

from uuid import UUID

import pytest

from sage.domain.ids import split_ids
from sage.domain.listing import PageRequest
from sage.domain.memories import ForgetRequest
from sage.domain.reading import ReadRequest
from sage.errors import InvalidInputError, NotFoundError
from sage.service import memory
from sage.service.listing import ListingService


async def test_any_part_that_no_other_id_has_names_a_memory(rig, monkeypatch):
    first, second = UUID("01a22587-6075-78f3-b0b0-a02a2bb7d8b2"), UUID(int=7 << 100)
    ids = iter([first, second])
    monkeypatch.setattr(memory, "new_memory_id", lambda: next(ids))
    await rig.save("oolong", "sencha")
    given = ["01a2", "01A22587-60", "d8b2", "a02a2bb7d8b2", "78f3-b0b0-a02a2bb7d8b2"]
    _, parts = split_ids("memory_ids", given)
    for part in parts:
        read = await rig.memory.read_memories(ReadRequest((), (part,)))
        assert [one.memory_id for one in read.memories] == [first], part
    read = await rig.memory.read_memories(ReadRequest((), ("b0b0", "2258", "0000")))
    assert [one.content for one in read.memories] == ["sencha"]
    assert read.unknown == ("b0b0", "2258")
    with pytest.raises(InvalidInputError):
        split_ids("memory_ids", ["01a"])


async def test_a_part_of_a_long_id_names_a_session(rig):
    listing = ListingService(rig.database)
    laptop = "claude-code:01a22587-6072-7d08-9eeb-939befd60d48"
    for session_id in (laptop, "codex:01a22587-ffff", "kitchen"):
        await rig.save("oolong", session_id=session_id)
    page = PageRequest(1)
    for part in (laptop[:20], "01a22587-60", "befd60d48", "…fd60d48", laptop.partition(":")[2]):
        assert (await listing.read_session(part, page)).session_id == laptop, part
    for part in ("kitch", "chen", "2258"):
        with pytest.raises(NotFoundError):
            await listing.read_session(part, page)
    await rig.save("sencha", session_id="cursor:01a22587-6072-9eeb")
    with pytest.raises(InvalidInputError, match="is ambiguous") as refused:
        await listing.read_session("01a22587-6072", page)
    assert "(2" in refused.value.hint
    assert "“sencha”" in refused.value.hint
    assert (await rig.memory.forget(ForgetRequest(session_id="d60d48"))).forgotten == 1
    undone = await rig.memory.forget(ForgetRequest(session_id="d60d48", undo=True))
    assert (undone.restored, undone.unknown) == (1, 0)
