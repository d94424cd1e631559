"""Before a prompt what people stated on its subject is told, whatever a search makes of it."""

from dataclasses import replace
from datetime import UTC

from sage.domain.memories import Message, SaveRequest
from sage.domain.recall import RecallRequest
from sage.domain.relevance import Relevance
from sage.service.recall import RecallService

FACTS = [
    "The bank bridge listens on port 4417.",
    "The bank bridge is looked after by Ilse Thorne.",
    "The bank bridge writes to the table reed_heron.",
]
TASK = "Let the bank bridge retry"


class Unsure:
    """Searches, and says of each answer that it is none."""

    def __init__(self, memory):
        self._memory = memory

    async def search_embedded(self, request):
        answer, question = await self._memory.search_embedded(request)
        return replace(answer, relevance=Relevance.NONE), question


async def test_statements_on_a_subject_are_told_though_nothing_found_answers_and_no_tasks(rig):
    for fact in FACTS:
        await rig.save(fact)
    done = [Message.validate("user", TASK), Message.validate("assistant", "Done, see retry.py.")]
    await rig.memory.save(SaveRequest(tuple(done)))
    await rig.index()
    recall = RecallService(Unsure(rig.memory), rig.database, UTC, apart=False)
    asked = RecallRequest(("s",), "birds", "Upgrade the bank bridge please.")
    told = (await recall.recall(asked)).text
    assert [fact for fact in FACTS if fact not in told] == []
    assert TASK not in told
    assert (await recall.recall(replace(asked, query="How is the weather today?"))).text == ""


async def test_what_was_asked_in_vain_in_no_form_of_a_question_is_not_told(rig):
    asked = "The flag that the bank bridge hangs on"
    for fact in FACTS:
        await rig.save(fact)
    said = [Message.validate("user", asked), Message.validate("assistant", "I do not know that.")]
    await rig.memory.save(SaveRequest(tuple(said)))
    await rig.index()
    recall = RecallService(Unsure(rig.memory), rig.database, UTC, apart=False)
    request = RecallRequest(("s",), "birds", "Switch the bank bridge on with its flag.")
    told = (await recall.recall(request)).text
    assert FACTS[0] in told
    assert asked not in told


async def test_nothing_is_looked_for_before_a_prompt_that_only_acknowledges():
    recall = RecallService(None, None, UTC, apart=False, marks=object())
    request = RecallRequest(("s",), "birds", "looks good to me")
    assert (await recall.recall(request)).text == ""
