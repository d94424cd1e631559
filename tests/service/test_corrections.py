"""What was put right is told with what puts it right, by searches and contexts."""

from datetime import UTC
from uuid import uuid4

import pytest

from sage.domain.gathering import ContextRequest
from sage.domain.memories import ForgetRequest, Message, SaveRequest
from sage.domain.searching import SearchRequest
from sage.retrieval.context.tool_texts import search_text

FACT = "The staging database runs on host db7."
QUESTION = "Which host does the staging database run on?"
FIRST = "1. ["


@pytest.fixture
def say(rig):
    """Keep a conversation: texts, of the user and the assistant in turns; return their ids."""

    async def save(*texts, session=None):
        roles = ("user", "assistant")
        messages = [Message.validate(roles[place % 2], text) for place, text in enumerate(texts)]
        request = SaveRequest(tuple(messages), session_id=session or uuid4().hex)
        return (await rig.memory.save(request)).memory_ids

    return save


@pytest.fixture
def found(rig):
    async def search(query=QUESTION, n=10):
        await rig.index()
        return await rig.memory.search(SearchRequest(query, n=n))

    return search


async def test_a_statement_is_found_with_what_puts_it_right_whichever_is_looked_for(say, found):
    ids = await say(FACT, "Noted.", "No, db9.", "Corrected.")
    for query in (QUESTION, "What runs on db9?"):
        answer = await found(query)
        (hit,) = answer.results
        assert (hit.memory_id, hit.correction.memory_id) == (ids[0], ids[2])
        first, then = search_text(answer, UTC).partition(FIRST)[2].splitlines()[:2]
        assert first.endswith(f"user: {FACT}")
        assert then.startswith("    corrected [")
        assert then.endswith("] user: No, db9.")


async def test_what_puts_right_and_says_it_all_stands_before_what_it_puts_right(say, found):
    right = "The staging database runs on db9, not db7."
    await say(FACT, "Noted.", right, "Corrected.")
    first, second = (await found()).results
    assert (first.content, first.correction) == (right, None)
    assert (second.content, second.correction.content) == (FACT, right)
    assert first.standing >= second.standing


async def test_a_correction_puts_right_an_answer_and_the_statement_that_it_repeats(say, found):
    fact, right = "The release branch is cut on Thursday.", "Sorry, I was wrong: it's Friday."
    question = "When is the release branch cut?"
    await say(fact, "Noted.", question, "On Thursday.", right, "Noted.")
    hits = (await found(question)).results
    assert {fact, "On Thursday."} <= {hit.content for hit in hits}
    assert all(hit.correction.content == right for hit in hits)


async def test_a_statement_is_put_right_after_another_exchange(say, found):
    fact = "The staging host is called oak."
    await say(fact, "Noted.", "Is the build green?", "Yes.", "Sorry, I meant moss.", "Ok.")
    hit = (await found("What is the staging host called?")).results[0]
    assert (hit.content, hit.correction.content) == (fact, "Sorry, I meant moss.")


async def test_what_puts_right_in_a_later_save_is_told_until_it_is_forgotten(rig, say, found):
    session = uuid4().hex
    await say(FACT, "Noted.", session=session)
    (wrong,) = await say("Sorry, I meant db8", session=session)
    (last,) = await say("Correction: it is db9", session=session)
    (hit,) = (await found()).results
    assert (hit.content, hit.correction.memory_id) == (FACT, last)
    await rig.memory.forget(ForgetRequest((last,)))
    (hit,) = (await found()).results
    assert (hit.content, hit.correction.memory_id) == (FACT, wrong)


async def test_what_an_agent_reports_of_a_task_is_told_with_what_puts_it_right(say, found):
    task = "Set up the staging database."
    await say(task, "Done: the staging database runs on db7.", "No, it has to be on db9.")
    for hit in (await found()).results:
        assert hit.correction.content == "No, it has to be on db9."


async def test_a_context_holds_what_puts_its_turns_right_or_neither(rig, say, found):
    long = f"{FACT} {'It is written down in the book of the harbour. ' * 16}"
    await say(long, "Noted.", "No, db9.", "Ok.")
    await found()
    held = []
    for window in range(200, 440, 12):
        request = ContextRequest(QUESTION, context_window=window)
        context = (await rig.memory.context(request)).context
        held.append(FACT in context)
        assert ("No, db9." in context) or not held[-1]
    assert held[-1]
