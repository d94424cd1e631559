"""What says nearly the same, and what holds a secret, is found in the lists to look through."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from sage.config.settings import RecallSettings
from sage.domain.memories import ForgetRequest, Message, SaveRequest
from sage.domain.recall_log import RecalledMemory, RecallRecord, RecallTrigger
from sage.domain.tidying import TidyKind, TidyRequest
from sage.errors import InvalidInputError
from sage.service.recall_log import RecallLog
from sage.service.tidying import duplicates, secrets
from sage.service.tidying.lists import TidyService
from tests.support.planted_secrets import TOKENS, Maker

WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND state = 'idle in transaction'
"""
FACT = "The night gateway of the weir listens on port 9443."


@pytest.fixture
def tidy(rig):
    service = TidyService(
        rig.schema_gate, ("wide-open-barn-doors-in-the-autumn-wind",), RecallSettings()
    )

    async def page(kind, **rest):
        return await service.page(TidyRequest(kind=TidyKind(kind), **rest))

    return page


def contents(page):
    return [[(one.preview, one.suggested) for one in group.memories] for group in page.groups]


async def test_what_differs_in_form_is_shown_together_and_another_number_never_is(rig, tidy):
    said = (
        FACT,
        FACT.replace("9443", "9444"),
        "the night gateway of the weir listens on 9443 port",
    )
    for number, one in enumerate((*said, FACT.lower().rstrip("."), FACT)):
        await rig.save(one, session_id=str(number))
    await rig.index()
    page = await tidy("near-duplicates")
    assert contents(page) == [
        [(FACT, False), (FACT.lower().rstrip("."), True), (said[2], False), (FACT, True)]
    ]
    assert (page.looked_at, page.total, page.next_cursor) == (5, 5, None)


async def test_no_transaction_is_open_while_texts_are_compared(rig, tidy, monkeypatch):
    for one in (FACT, FACT.lower()):
        await rig.save(one)
    await rig.index()
    loop, is_near, waiting = asyncio.get_running_loop(), duplicates.is_near_duplicate, []

    async def count():
        async with rig.database.across_spaces() as conn:
            waiting.append(await conn.fetchval(WAITING))

    def compare(*texts):
        asyncio.run_coroutine_threadsafe(count(), loop).result(10)
        return is_near(*texts)

    monkeypatch.setattr(duplicates, "is_near_duplicate", compare)
    assert len(contents(await tidy("near-duplicates"))) == 1
    assert set(waiting) == {0}


async def test_the_same_said_by_another_is_not_near(rig, tidy):
    for role in ("user", "assistant"):
        message = Message.validate(role, FACT)
        await rig.memory.save(SaveRequest((message,)))
    await rig.index()
    assert contents(await tidy("near-duplicates")) == []


async def test_pages_of_what_is_near_go_on_where_the_last_one_ended(rig, tidy, monkeypatch):
    monkeypatch.setattr(duplicates, "_STEP", 3)
    facts = [f"Mooring {number} belongs to the harbour master." for number in range(4)]
    for one in (*facts, "Nothing is like this sentence here.", *(fact.upper() for fact in facts)):
        await rig.save(one)
    await rig.index()
    found, looked_at, cursor = [], 0, None
    while True:
        page = await tidy("near-duplicates", limit=2, cursor=cursor)
        found += contents(page)
        looked_at, cursor = looked_at + page.looked_at, page.next_cursor
        if cursor is None:
            break
    assert found == [[(fact.upper(), False), (fact, True)] for fact in reversed(facts)]
    assert looked_at == 9


async def test_a_secret_is_shown_masked_where_it_stands(rig, tidy, monkeypatch):
    monkeypatch.setattr(secrets, "_SLICE_BYTES", 100)
    token = TOKENS["GitHub token"](Maker(3))
    unmasked = "The night watch has nothing to tell. " * 10
    saved = await rig.save(f"{unmasked} The token is {token}.", FACT, "Doors open at dawn.")
    [known] = (await rig.save("say wide-open-barn-doors-in-the-autumn-wind")).memory_ids
    async with rig.database.across_spaces() as conn:  # as it was kept before there was masking
        await conn.execute(
            "UPDATE sage.memories SET content = replace(content, '[masked]', $1)", token
        )
    page = await tidy("secrets", limit=1)
    assert page.next_cursor
    found = [*page.groups]
    while page.next_cursor:
        page = await tidy("secrets", limit=1, cursor=page.next_cursor)
        found += page.groups
    by_id = {group.memories[0].memory_id: group.memories[0] for group in found}
    shown = by_id[saved.memory_ids[0]]
    assert token not in shown.preview
    assert "[masked]" in shown.preview
    assert sum(shown.secrets.values()) == 1
    assert not shown.suggested
    assert {*by_id} <= {saved.memory_ids[0], known}


async def test_what_was_never_handed_out_is_listed_since_that_is_recorded(rig, tidy):
    old = datetime.now(UTC) - timedelta(days=120)
    messages = tuple(
        Message.validate("user", f"Lock {number} opens at dawn.", created_at=old.isoformat())
        for number in range(3)
    )
    given, unheard, recent = (await rig.memory.save(SaveRequest(messages))).memory_ids
    page = await tidy("never-recalled")
    assert (page.groups, page.recorded_since) == ((), None)
    log = RecallLog(rig.database, RecallSettings())
    log.add(
        RecallRecord("default", RecallTrigger.SEARCH, "Which lock?", [RecalledMemory(given, 0.5)])
    )
    await log.close()
    async with rig.database.across_spaces() as conn:
        await conn.execute(
            "UPDATE sage.memories SET saved_at = created_at WHERE memory_id <> $1", recent
        )
    page = await tidy("never-recalled")
    assert [one.memory_id for one in page.marked] == [unheard]
    assert page.recorded_since is not None
    assert page.looked_at == 3


async def test_what_is_forgotten_or_of_another_space_is_in_no_list(rig, tidy):
    ids = [(await rig.save(FACT, session_id=one)).memory_ids[0] for one in ("a", "b")]
    await rig.index()
    for kind in ("duplicates", "near-duplicates"):
        assert len((await tidy(kind)).groups) == 1
        assert (await tidy(kind, space_id="another")).groups == ()
    await rig.memory.forget(ForgetRequest((ids[0],)))
    for kind in ("duplicates", "near-duplicates"):
        assert (await tidy(kind)).groups == ()


async def test_a_cursor_that_leads_back_is_refused(tidy):
    with pytest.raises(InvalidInputError, match="cursor for the previous page"):
        await tidy("duplicates", cursor="-" + "A" * 32)
