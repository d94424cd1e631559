"""What each message is and what answers it, as it is stored: at save, by capture, by import."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from sage.domain.memories import Indexed
from sage.service.arriving import arriving_memories, store_arrivals
from tests.support.classification import NOON, transcript


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
        ("answer", "No, it is 9444."),
        ("statement", None),
        ("acknowledgement", None),
    ]


async def test_what_answers_the_question_of_an_earlier_call_in_the_user_s_words_is_found_soon(
    say, stored, classifier
):
    await say("user: Please set up the editor.", "assistant: Which editor do you use?")
    await say("user: The one called Kestrel.")
    assert [row[1:3] for row in await stored()][1:] == [("question", None), ("statement", None)]
    assert await classifier.classify_due() > 0
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
            assert await store_arrivals(conn, arriving, import_id=uuid4()) == len(lines)

    await keep("12:09 assistant: Pelican listens on 9443.")
    assert await stored() == [("Pelican listens on 9443.", "statement", None, True)]
    await keep("12:00 user: Which port does pelican use?", "12:02 assistant: I will look.")
    assert await stored() == [
        ("Which port does pelican use?", "question", "Pelican listens on 9443.", True),
        ("I will look.", "remark", None, False),
        ("Pelican listens on 9443.", "answer", None, True),
    ]
