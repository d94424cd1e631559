"""What is asked again and again neither hides what answers nor passes for an answer."""

import json
from collections import Counter
from datetime import UTC
from pathlib import Path
from uuid import uuid4

import pytest

from sage.api.tools import SEARCH
from sage.bootstrap import open_services
from sage.cli.benchmark.indexing import until_embedded
from sage.domain.gathering import ContextRequest
from sage.domain.memories import DEFAULT_SPACE, Message, SaveRequest
from sage.domain.relevance import Relevance
from sage.domain.searching import SearchRequest
from tests.support.serving import settings_for

FACTS = (
    ("The gateway of the depot is called pelican.", "What is the gateway of the depot called?"),
    ("Mira takes her tea without sugar.", "How does Mira take her tea?"),
    ("仓库的钥匙挂在门后面。", "仓库的钥匙挂在哪里?"),
)
NEVER = "Which football club won the cup?"
TALK = (
    "The tram was late again.",
    "We walked along the river.",
    "今天的天气不错。",
    "午饭吃了面条。",
)


@pytest.fixture
async def services(postgres_dsn, tmp_path):
    async with open_services(settings_for(postgres_dsn, tmp_path)) as opened:
        yield opened


async def say(services, *texts, space=DEFAULT_SPACE):
    roles = ("user", "assistant")
    messages = [Message.validate(roles[at % 2], text) for at, text in enumerate(texts)]
    await services.memory.save(SaveRequest(tuple(messages), session_id=uuid4().hex, space_id=space))


async def indexed(services, space=DEFAULT_SPACE):
    await until_embedded(services, space, lambda _: None)


async def ask(services, question, space):
    await indexed(services, space)
    return await services.memory.search(SearchRequest(question, space_id=space))


async def test_asking_in_vain_changes_neither_order_nor_verdict(services):
    for fact, _ in FACTS:
        await say(services, fact, "Noted.", *TALK)
    await indexed(services)
    questions = [*(question for _, question in FACTS), NEVER]
    before = [await services.memory.search(SearchRequest(question)) for question in questions]
    for _ in range(4):
        for question in questions:
            await say(services, question, "I do not know.")
    await indexed(services)
    after = [await services.memory.search(SearchRequest(question)) for question in questions]
    for (fact, _), unasked, asked in zip(FACTS, before, after, strict=False):
        assert asked.results[0].content == fact
        assert [hit.content for hit in asked.results] == [hit.content for hit in unasked.results]
        assert asked.relevance is unasked.relevance is Relevance.STRONG
        assert (unasked.asked, asked.asked.count) == (None, 4)
    assert after[-1].relevance is before[-1].relevance is Relevance.NONE
    assert after[-1].asked.count == 4
    assert "asked 4 times before" in SEARCH.write(after[-1], UTC)
    assert ", and not answered then." in SEARCH.write(after[0], UTC)
    context = await services.memory.context(ContextRequest(NEVER))
    assert (context.context, context.asked.count) == ("", 4)


async def test_an_answer_about_something_else_is_never_a_strong_one(services):
    await say(services, "Which port does the heron gateway use?", "It uses 9443.", *TALK)
    await indexed(services)
    same = await services.memory.search(SearchRequest("Which port does the heron gateway have?"))
    other = await services.memory.search(SearchRequest("Which port does the pelican gateway use?"))
    assert (same.relevance, other.relevance) == (Relevance.STRONG, Relevance.WEAK)
    assert other.results[0].reply.content == "It uses 9443."


CASES = json.loads(Path(__file__).with_name("asked_in_vain.json").read_text("utf-8"))
"""Questions with what shares words with them beside, of which every second was never tuned on."""


async def test_what_was_only_asked_says_so_and_is_not_answered_by_what_shares_its_words(services):
    for number, case in enumerate(CASES["asked"]):
        for text in case["beside"]:
            await say(services, text, "Noted.", space=f"asked {number}")
        for answer in ("I do not know.", "记忆里没有相关内容。"):
            await say(services, case["question"], answer, space=f"asked {number}")
    found = [
        await ask(services, case["question"], f"asked {number}")
        for number, case in enumerate(CASES["asked"])
    ]
    assert {answer.asked.count for answer in found} == {2}
    assert {"asked 2 times before" in SEARCH.write(answer, UTC) for answer in found} == {True}
    verdicts = Counter(answer.relevance for answer in found)
    assert verdicts[Relevance.STRONG] <= 0.1 * len(found)
    assert verdicts[Relevance.NONE] >= 0.3 * len(found)


async def test_what_is_told_after_it_was_asked_in_vain_keeps_its_verdict(services):
    for number, case in enumerate(CASES["told"]):
        for space in (f"unasked {number}", f"told {number}"):
            await say(services, *case["beside"], "Noted.", space=space)
        await say(services, case["question"], "I do not know.", space=f"told {number}")
        for space in (f"unasked {number}", f"told {number}"):
            await say(services, case["statement"], "Noted.", space=space)
    kept = 0
    for number, case in enumerate(CASES["told"]):
        unasked = await ask(services, case["question"], f"unasked {number}")
        told = await ask(services, case["question"], f"told {number}")
        assert case["statement"] in [hit.content for hit in told.results]
        assert told.relevance is not Relevance.NONE
        kept += told.relevance is unasked.relevance
        assert (told.asked is None) is (told.relevance is Relevance.STRONG)
    assert kept >= 0.85 * len(CASES["told"])


async def test_a_prompt_that_waits_for_its_answer_was_not_asked_in_vain(services):
    await say(services, NEVER)
    assert (await ask(services, NEVER, DEFAULT_SPACE)).asked is None


async def test_what_an_exchange_answers_was_not_asked_in_vain(services):
    await say(services, NEVER, "I do not know.")
    await say(services, NEVER, "Rovers won it.")
    answer = await ask(services, NEVER, DEFAULT_SPACE)
    assert answer.results[0].content == "Rovers won it."
    assert answer.asked is None


async def test_what_was_answered_in_other_words_and_put_right_was_not_asked_in_vain(services):
    question = "Which machine hosts the staging database?"
    await say(services, "Where does the staging database run?", "On db7.", "No, on db9.", "Noted.")
    await say(services, "The staging database is the one on db9, a machine in Ulm.", "Noted.")
    await say(services, question, "I do not know.")
    answer = await ask(services, question, DEFAULT_SPACE)
    assert answer.relevance is Relevance.STRONG
    assert answer.asked is None


ANSWERED = (
    ("Which engine is behind the image resizer now?", "It is libvips."),
    ("After how long does the upload link expire?", "After 72 hours."),
    ("做条码扫描要切到哪条分支?", "切到hotfix/ean13。"),
    ("Which package do I have to install before the tests of Nimbus pass?", "It is libsodium."),
    ("How are customers of Hailong billed?", "Every four months."),
    ("我们每个月为门面付多少钱", "9300元。"),
)


async def test_that_both_are_questions_makes_none_an_answer_to_the_other(services):
    for exchange in ANSWERED:
        await say(services, *exchange, *TALK)
    for number in range(12):
        await say(services, f"On day {number} the {number}th parcel came by post.", "Noted.", *TALK)
    await indexed(services)
    router = await services.memory.search(SearchRequest("Which router firmware did we install?"))
    chainsaw = await services.memory.search(SearchRequest("How do I sharpen a chainsaw?"))
    assert router.relevance is Relevance.NONE
    assert chainsaw.relevance is not Relevance.STRONG


async def test_a_context_does_not_set_a_question_in_vain_before_what_was_stated_next(services):
    asked, stated = "On which port does the exporter listen?", "The gateway listens on port 9443."
    await say(services, asked, "I don't know; I could not find that.", stated, "Noted.")
    await indexed(services)
    context = (await services.memory.context(ContextRequest("exporter port"))).context
    assert stated in context
    assert asked not in context
    context = (
        await services.memory.context(ContextRequest("What did I ask about the exporter?"))
    ).context
    assert asked in context


async def test_a_context_of_a_small_store_leaves_out_what_is_there_and_does_not_answer(services):
    told = ("The map on the landing page loads too slowly.", "Mei likes oolong tea.")
    others = (
        "Releases go out on Thursdays.",
        "Farid reviews payments.",
        "The printer is on the second floor.",
        "The VPN drops every night at two.",
        "Lunch is at noon on Fridays.",
        "Priya has the pager until November.",
    )
    for text in (*told, *others):
        await say(services, text, "Noted.")
    await indexed(services)
    for question, verdict in (
        ("What does the yearly licence for the map tiles cost?", Relevance.WEAK),
        ("Which regiment was the first to reach Waterloo?", Relevance.NONE),
    ):
        answer = await services.memory.context(ContextRequest(question))
        assert answer.relevance is verdict
        assert sum(text in answer.context for text in others) <= len(others) // 2
    answer = await services.memory.context(ContextRequest("Which tea does Mei like?"))
    assert answer.relevance is Relevance.STRONG
    assert told[1] in answer.context
    assert not [text for text in others if text in answer.context]
