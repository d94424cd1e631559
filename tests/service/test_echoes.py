"""What was asked before does not stand in front of what was said."""

import re
from datetime import UTC
from uuid import uuid4

import pytest

from sage.domain.memories import ForgetRequest, Message, SaveRequest
from sage.domain.searching import Filters, SearchRequest
from sage.retrieval.context.tool_texts import search_text
from sage.retrieval.text import analysis

FACT = "The scanners talk to pelican over port 9443."
QUESTION = "Over which port do the scanners talk to pelican?"


@pytest.fixture
def say(rig):
    """Keep a conversation: texts, of the user and the assistant in turns."""

    async def save(*texts, **rest):
        roles = ("user", "assistant")
        messages = [
            Message.validate(roles[place % 2], text, **rest) for place, text in enumerate(texts)
        ]
        return (
            await rig.memory.save(SaveRequest(tuple(messages), session_id=uuid4().hex))
        ).memory_ids

    return save


@pytest.fixture
def found(rig):
    async def search(query=QUESTION, n=50, **filters):
        await rig.index()
        request = SearchRequest(query, n=n, filters=Filters(**filters))
        return (await rig.memory.search(request)).results

    return search


def contents(hits):
    return [hit.content for hit in hits]


async def test_what_was_asked_in_vain_and_empty_talk_are_left_out(say, found):
    await say(FACT, "Noted.")
    before = await found()
    for _ in range(8):
        await say(QUESTION, "I do not know.")
    after = await found()
    assert contents(before) == contents(after) == [FACT]
    assert [hit.standing for hit in before] == [hit.standing for hit in after]


async def test_an_answer_that_was_forgotten_is_found_as_before_once_it_is_back(rig, say, found):
    _, answer = await say(QUESTION, "Over 9443.")
    before = await found()
    await rig.memory.forget(ForgetRequest((answer,)))
    assert contents(await found()) == []
    await rig.memory.forget(ForgetRequest((answer,), undo=True))
    assert await found() == before


async def test_a_question_asked_in_vain_after_something_else_is_left_out(say, found):
    await say(FACT, "Noted.")
    for introduction in ("I'm setting up the desk.", "Before lunch:", "I need it soon:"):
        await say(f"{introduction} {QUESTION}", "I do not know.")
    await say(QUESTION.rstrip("?").lower(), "I do not know.")
    moved = f"We moved to Hetzner. {QUESTION}"
    await say(moved, "I do not know.")
    assert {*contents(await found())} == {FACT, moved}


async def test_how_often_it_was_asked_counts_questions_behind_an_introduction(rig, say):
    for introduction in ("Before I deploy: ", "I forgot, ", "I'm about to order parts. "):
        await say(f"{introduction}{QUESTION}", "I do not know.")
    await rig.index()
    for query in (QUESTION, f"Quick question: {QUESTION}"):
        answer = await rig.memory.search(SearchRequest(query))
        assert (answer.results, answer.asked.count) == ((), 3)


async def test_an_answer_is_found_behind_an_introduction(say, found):
    await say("Before I deploy: which machine hosts the staging DB?", "db9.")
    hits = await found("Which machine hosts the staging DB?")
    assert hits[0].content == "db9."


async def test_a_search_cuts_few_of_many_questions_asked_in_vain_and_finds_the_same(
    rig, say, monkeypatch
):
    asked = [f"Which port does the gateway of depot {number} use?" for number in range(150)]
    await say(FACT, "Noted.", *(text for one in asked for text in (one, "I do not know.")))
    await rig.index()
    cut, whole = [], analysis.words_of
    monkeypatch.setattr(analysis, "words_of", lambda text: cut.append(text) or whole(text))
    for question in (asked[0], asked[-1]):
        analysis.analyze.cache_clear()
        cut.clear()
        assert (await rig.memory.search(SearchRequest(question))).asked.count == 1
        assert len(cut) <= 60


@pytest.mark.parametrize("filters", [{"include_questions": True}, {"role": "user"}], ids=str)
async def test_who_wants_questions_finds_them(say, found, filters):
    await say(FACT, "Noted.")
    await say(QUESTION, "I do not know.")
    assert {*contents(await found(**filters))} == {FACT, QUESTION}


async def test_an_answer_stands_before_its_question_which_brings_it(say, found):
    _, answer = await say("Where is the spare key?", "Under the third flower pot.")
    first, second = await found("key to the house")
    assert (first.content, first.reply) == ("Under the third flower pot.", None)
    assert second.content == "Where is the spare key?"
    assert (second.reply.memory_id, second.reply.content) == (answer, first.content)
    assert first.standing >= second.standing


async def test_a_question_says_nothing_beside_an_answer_that_says_it_all(say, found):
    for _ in range(3):
        await say(QUESTION, FACT)
    (hit,) = await found()
    assert (hit.content, hit.times) == (FACT, 3)


async def test_a_correction_stands_before_what_it_corrects(say, found):
    await say(QUESTION, "The scanners talk to pelican over port 9444.", "No, it is 9443.", "Noted.")
    texts = contents(await found())
    assert texts[:2] == ["No, it is 9443.", "The scanners talk to pelican over port 9444."]


async def test_answers_that_differ_stand_newest_first(say, found):
    await say("Is the harbour gate open?", "Yes, since noon.")
    await say("Is the harbour gate open?", "Only for boats.")
    texts = contents(await found("harbour gate open"))
    assert texts.index("Only for boats.") < texts.index("Yes, since noon.")
    replies = [hit.reply.content for hit in await found("harbour gate open") if hit.reply]
    assert replies == ["Only for boats.", "Yes, since noon."]


async def test_of_what_was_said_again_the_newest_stands_with_how_often(say, found):
    ids = [(await say("The harbour gate is open."))[0] for _ in range(4)]
    (hit,) = await found("harbour gate")
    assert (hit.memory_id, hit.times) == (ids[-1], 4)


async def test_a_question_with_a_premise_stands_behind_what_was_stated(say, found):
    await say("Isn't pelican on port 9444?", "I do not know.")
    await say(FACT, "Noted.")
    for number in range(8):
        await say(f"The scanners of hall {number} are new.")
    texts = contents(await found("pelican port", n=5))
    assert texts[0] == FACT
    assert texts[-1] == "Isn't pelican on port 9444?"


async def test_a_number_or_a_not_is_never_taken_for_the_same(say, found):
    await say(FACT, "Noted.")
    for query in (FACT.replace("9443", "9444"), FACT.replace("talk", "do not talk")):
        assert contents(await found(query)) == [FACT]


async def test_who_asks_what_was_asked_finds_questions(say, found):
    await say(QUESTION, "I do not know.")
    assert await found(QUESTION) == ()
    assert contents(await found("What did I ask about the scanners and pelican?")) == [QUESTION]


ROOM = "How much do we pay for the rehearsal room each month?"
RENT = "The rent for the storage unit is 87 euros a month."


async def test_what_was_answered_about_something_else_stands_behind_the_fact(say, found):
    await say(RENT, "Noted.")
    for number in range(6):
        await say(ROOM, f"It is {230 + number} euros.")
        await say(f"Ticket {number} was closed by the people upstairs.")
    hits = await found(ROOM.replace("rehearsal room", "storage unit"), n=5)
    assert hits[0].content == RENT
    (other,) = [hit for hit in hits if hit.content == ROOM]
    assert other.reply.content == "It is 235 euros."
    assert other == hits[-1]


async def test_where_nothing_is_about_what_is_asked_the_nearest_question_is_found(say, found):
    await say("How tall is the water tower?", "324 feet.")
    first = (await found("How high is the water tower?"))[0]
    assert first.reply.content == "324 feet."


async def test_a_prompt_that_only_repeats_the_query_is_no_answer_whatever_its_class(say, found):
    prompt = "I want to thank my brother-in-law: what was the gift?"
    fact = "My brother-in-law gave me a sourdough kit."
    await say(fact, "Noted.")
    before = await found(prompt)
    for _ in range(3):
        await say(prompt, "I do not know.")
    after = await found(prompt)
    assert contents(after) == contents(before) == [fact]
    assert [hit.standing for hit in after] == [hit.standing for hit in before]


async def test_a_question_counts_no_more_however_often_it_was_answered(say, found):
    query = "Over which port do the scanners reach the gateway?"
    await say("The scanners reach the gateway over 9443.", "Noted.")
    for number in range(30):
        await say(f"Ticket {number} about scanners was closed upstairs.", "Noted.")
    for _ in range(3):
        await say("Which port do the scanners have?", "9443.")
    few = [hit.standing for hit in await found(query, n=3)]
    for _ in range(12):
        await say("Which port do the scanners have?", "9443.")
    many = [hit.standing for hit in await found(query, n=3)]
    assert many == pytest.approx(few, abs=0.03)


async def test_who_asks_what_has_to_be_asked_finds_no_questions(say, found):
    query = "For changes in which area do I have to ask Ben?"
    await say("Ben reviews all that touches the sync protocol.", "Noted.")
    await say(query, "I do not know.")
    assert contents(await found(query)) == ["Ben reviews all that touches the sync protocol."]


async def test_a_model_reads_a_reply_beside_its_question_and_not_twice(rig, say):
    await say("Is the harbour gate open?", "Yes.")
    await rig.index()
    answer = await rig.memory.search(SearchRequest("harbour gate", filters=Filters(role="user")))
    assert re.search(
        r"gate open\?\n    answer \[\w+\] assistant: Yes\.\n", search_text(answer, UTC)
    )
    answer = await rig.memory.search(SearchRequest("harbour gate"))
    assert search_text(answer, UTC).count("Yes.") == 1
