"""What was asked before does not stand in front of what was said."""

import pytest

from sage.domain.memories import Message, SaveRequest
from sage.domain.searching import Filters, SearchRequest

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
        return (await rig.memory.save(SaveRequest(tuple(messages)))).memory_ids

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
    assert [hit.score for hit in before] == [hit.score for hit in after]


@pytest.mark.parametrize("filters", [{"include_questions": True}, {"role": "user"}], ids=str)
async def test_who_wants_questions_finds_them(say, found, filters):
    await say(FACT, "Noted.")
    await say(QUESTION, "I do not know.")
    assert {*contents(await found(**filters))} == {FACT, QUESTION}
