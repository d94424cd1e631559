"""What each message is and what answers it, as it is stored: at save, by capture, by import."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest

from sage.audit.log import AuditLog
from sage.checks.recent_calls import queue
from sage.config.settings import AuditSettings
from sage.domain.masking import MaskingPolicy
from sage.domain.memories import ForgetRequest, Indexed, Message, Role, SaveRequest
from sage.domain.message_class import MessageClass
from sage.domain.transfer import TransferredMemory
from sage.importing.undo import undo_import
from sage.retrieval.message_classes.classing import RULES_VERSION
from sage.service.arriving import arriving_memories, keep_arriving
from sage.service.capture import CaptureService
from sage.service.classifier import Classifier
from sage.service.counts import Counts
from sage.service.save_threads import SaveThreads

NOON = datetime(2026, 5, 8, 12, tzinfo=UTC)
STORED = """
SELECT content, class, reply.content AS reply, EXISTS (
    SELECT FROM sage.embedding_queue AS waiting
    WHERE waiting.space_id = asked.space_id AND waiting.memory_id = asked.memory_id
) AS is_queued
FROM sage.memories AS asked
LEFT JOIN sage.memory_classes USING (space_id, memory_id)
LEFT JOIN LATERAL (
    SELECT content FROM sage.memories AS reply
    WHERE reply.space_id = asked.space_id AND reply.memory_id = reply_id
) AS reply ON true
ORDER BY asked.session_id, asked.created_at, asked.arrival
"""
STORED = STORED.replace("SELECT content, class", "SELECT asked.content, class")


@pytest.fixture
def stored(rig):
    """Return each message that is kept: what it says, its class, what answers it, is it queued."""

    async def read():
        async with rig.database.across_spaces() as conn:
            rows = await conn.fetch(STORED)
        return [
            (
                row["content"],
                None if row["class"] is None else str(MessageClass.of_code(row["class"])),
                row["reply"],
                row["is_queued"],
            )
            for row in rows
        ]

    return read


@pytest.fixture
def say(rig):
    """Save messages, "user: text" or "assistant: text", into a session."""

    async def save(*lines, session_id="talk", **rest):
        messages = tuple(Message.validate(*line.split(": ", 1)) for line in lines)
        return await rig.memory.save(SaveRequest(messages, session_id, **rest))

    return save


@pytest.fixture
def capture(rig):
    """Capture messages of a client's session as a hook does, one call for all."""
    service = CaptureService(
        rig.schema_gate,
        rig.indexer,
        audit=AuditLog(rig.database, AuditSettings()),
        masking=MaskingPolicy(),
        threads=SaveThreads(),
    )

    async def keep(*lines):
        return await service.capture("codex", transcript(*lines))

    return keep


def transcript(*lines, session_id="codex:one"):
    """Return memories of lines such as "12:01 user: text"."""
    memories = []
    for line in lines:
        clock, said = line.split(" ", 1)
        role, content = said.split(": ", 1)
        hour, minute = map(int, clock.split(":"))
        memories.append(
            TransferredMemory(
                "default",
                uuid4(),
                session_id,
                Message(Role(role), content, None, NOON.replace(hour=hour, minute=minute)),
                {"source": "codex"},
            )
        )
    return memories


async def test_a_conversation_is_stored_with_classes_and_what_is_not_ranked_is_not_queued(
    rig, say, stored
):
    receipt = await say(
        "user: Which port does pelican use?",
        "assistant: Pelican listens on 9443.",
        "user: Thanks!",
        "assistant: I do not know.",
    )
    assert receipt.indexed is Indexed.PENDING
    assert await stored() == [
        ("Which port does pelican use?", "question", "Pelican listens on 9443.", True),
        ("Pelican listens on 9443.", "answer", None, True),
        ("Thanks!", "acknowledgement", None, False),
        ("I do not know.", "non_answer", None, False),
    ]
    assert (await rig.queue_stats()).pending == 2
    assert (await say("user: Thanks!", session_id=None)).indexed is Indexed.READY


async def test_an_answer_that_is_saved_by_a_later_call_answers_what_was_asked_before(say, stored):
    await say("user: Which port does pelican use?")
    assert [row[2] for row in await stored()] == [None]
    for _ in range(2):  # sent again, it is kept once
        await say("assistant: Pelican listens on 9443.", idempotency_key="answer")
    assert await stored() == [
        ("Which port does pelican use?", "question", "Pelican listens on 9443.", True),
        ("Pelican listens on 9443.", "answer", None, True),
    ]


async def test_a_correction_by_the_user_is_the_answer_whenever_it_is_saved(say, stored):
    await say("user: Which port does pelican use?", "assistant: Pelican listens on 9443.")
    await say("user: No, it is 9444.", "assistant: Noted.")
    assert [row[1:3] for row in await stored()] == [
        ("question", "No, it is 9444."),
        ("answer", None),
        ("statement", None),
        ("acknowledgement", None),
    ]


async def test_what_answers_the_question_of_an_earlier_call_in_the_user_s_words_is_found_soon(
    say, stored, classifier
):
    await say("user: Please set up the editor.", "assistant: Which editor do you use?")
    await say("user: The one called Kestrel.")
    assert [row[1:3] for row in await stored()][1:] == [("question", None), ("statement", None)]
    assert await classifier.class_due() > 0
    assert [row[1:3] for row in await stored()][1:] == [
        ("question", "The one called Kestrel."),
        ("answer", None),
    ]


async def test_what_hooks_capture_piece_by_piece_is_classed_as_if_it_came_at_once(capture, stored):
    lines = [
        "12:00 user: Which port does pelican use?",
        "12:01 assistant: Now I will look at file 4.",
        "12:02 assistant: The settings are in pelican.toml.",
        "12:03 assistant: Pelican listens on 9443.",
        "12:04 user: Thanks!",
    ]
    for line in lines:
        await capture(line)
    assert await stored() == [
        ("Which port does pelican use?", "question", "Pelican listens on 9443.", True),
        ("Now I will look at file 4.", "remark", None, False),
        ("The settings are in pelican.toml.", "remark", None, False),
        ("Pelican listens on 9443.", "answer", None, True),
        ("Thanks!", "acknowledgement", None, False),
    ]


async def test_saved_messages_are_no_remarks_whatever_they_are_tagged_with(say, stored):
    await say(
        "assistant: The mill has a heron.",
        "assistant: The pond has another.",
        metadata={"source": "codex"},
    )
    await say("assistant: The roof has a third.", metadata={"source": "codex"})
    assert [row[1] for row in await stored()] == ["statement"] * 3


async def test_an_import_links_across_its_batches_and_with_what_is_there(rig, stored):
    async def keep(*lines):
        arriving = arriving_memories(transcript(*lines), NOON + timedelta(hours=1))
        async with rig.database.across_spaces() as conn:
            assert await keep_arriving(conn, arriving, import_id=uuid4()) == len(lines)

    await keep("12:09 assistant: Pelican listens on 9443.")
    assert await stored() == [("Pelican listens on 9443.", "statement", None, True)]
    await keep("12:00 user: Which port does pelican use?", "12:02 assistant: I will look.")
    assert await stored() == [
        ("Which port does pelican use?", "question", "Pelican listens on 9443.", True),
        ("I will look.", "remark", None, False),
        ("Pelican listens on 9443.", "answer", None, True),
    ]


UNCLASS = "DELETE FROM sage.memory_classes"
EXCHANGES = [
    f"{12 + minute // 60}:{minute % 60:02} {text}"
    for number in range(9)
    for minute, text in (
        (number * 4, f"user: Which port does host {number} use?"),
        (number * 4 + 1, "assistant: I will look."),
        (number * 4 + 2, f"assistant: Host {number} listens on {9440 + number}."),
        (number * 4 + 3, "user: Thanks!"),
    )
]


@pytest.fixture
def classifier(rig):
    return Classifier(rig.database, rig.indexer.activity)


async def test_what_is_stored_already_is_classed_as_if_it_was_saved_now(
    rig, capture, stored, classifier, monkeypatch
):
    monkeypatch.setattr("sage.service.classifier._BATCH", 5)
    monkeypatch.setattr("sage.service.classifier._PAGE", 7)
    await capture(*EXCHANGES)
    as_saved = await stored()
    assert [row[2] for row in as_saved[:3]] == ["Host 0 listens on 9440.", None, None]
    async with rig.database.across_spaces() as conn:
        await conn.execute(UNCLASS)
        await conn.execute(
            "INSERT INTO sage.embedding_queue (space_id, memory_id)"
            " SELECT space_id, memory_id FROM sage.memories ON CONFLICT DO NOTHING"
        )
    assert (await rig.memory.stats("default")).unclassed == 36
    running = SimpleNamespace(counts=Counts(rig.database), schema_gate=rig.schema_gate)
    assert (await queue(running)).detail.endswith("; 36 to be classed")
    assert await classifier.class_all() > 0
    assert await stored() == as_saved
    assert (await rig.memory.stats("default")).unclassed == 0
    assert await classifier.class_all() == 0


@pytest.fixture
def changed(rig, classifier, stored):
    """Forget, restore or replace, then tell what answers at once, and when it is classed."""

    async def answer():
        return next(row[2] for row in await stored() if row[1] == "question")

    async def change(contents, **rest):
        async with rig.database.across_spaces() as conn:
            rows = await conn.fetch(
                "SELECT memory_id FROM sage.memories WHERE content = ANY ($1)", list(contents)
            )
        ids = tuple(row["memory_id"] for row in rows)
        if "replaced_by" in rest:
            text = Message.validate("user", rest["replaced_by"])
            await rig.memory.save(SaveRequest((text,), replaces=ids))
        else:
            await rig.memory.forget(ForgetRequest(ids, **rest))
        at_once = await answer()
        await classifier.class_due()
        return at_once, await answer()

    return change


QUESTION = "user: Which port does pelican use?"
FIRST, SECOND = "Pelican listens on 9443.", "Pelican listens on 9444, I mean."


async def test_an_answer_that_is_forgotten_makes_way_for_the_older_one_until_it_is_back(
    say, changed
):
    await say(QUESTION, f"assistant: {FIRST}", f"assistant: {SECOND}")
    assert await changed([SECOND]) == (None, FIRST)
    assert await changed([FIRST]) == (None, None)
    assert await changed([FIRST, SECOND], undo=True) == (None, SECOND)


async def test_an_answer_that_is_replaced_answers_no_more(say, changed):
    await say(QUESTION, f"assistant: {FIRST}", f"assistant: {SECOND}")
    assert await changed([SECOND], replaced_by="Pelican has no port.") == (None, FIRST)


async def test_an_import_that_is_undone_takes_its_answers_along(rig, stored, say, classifier):
    await say(QUESTION)
    import_id = uuid4()
    arriving = arriving_memories(transcript(f"12:09 assistant: {FIRST}", session_id="talk"), NOON)
    async with rig.database.across_spaces() as conn:
        asked_at = await conn.fetchval("SELECT created_at FROM sage.memories")
        arriving = [replace(one, created_at=asked_at + timedelta(minutes=1)) for one in arriving]
        await keep_arriving(conn, arriving, import_id)
    assert (await stored())[0][2] == FIRST
    await undo_import(rig.database, import_id, lambda _: None)
    assert [row[:3] for row in await stored()] == [(QUESTION[6:], "question", None)]
    assert await classifier.class_due() == 1


async def test_a_new_version_of_the_rules_classes_again_and_queues_what_is_ranked_now(
    rig, say, stored, classifier, monkeypatch
):
    await say(QUESTION, "assistant: I do not know.", f"assistant: {FIRST}")
    as_saved = await stored()
    async with rig.database.across_spaces() as conn:
        await conn.execute("UPDATE sage.memory_classes SET class = 5, reply_id = NULL")
        await conn.execute("DELETE FROM sage.embedding_queue")
    assert await classifier.class_all() == 0
    for module in ("classing", "classifier"):
        monkeypatch.setattr(f"sage.service.{module}.RULES_VERSION", RULES_VERSION + 1)
    assert await classifier.class_all() == 3
    assert await stored() == as_saved
