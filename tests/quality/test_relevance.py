"""Whether Sage knows when it does not know, with the model people get, in each language."""

import json
from collections import Counter
from pathlib import Path

import pytest

from sage.domain.relevance import Relevance
from sage.providers.local import LocalEmbedder
from tests.quality.conversations import Talk
from tests.support.embedders import BagOfWordsEmbedder
from tests.support.library import Library

OFF_TOPIC = {
    "english": (
        "Which football club won the cup?",
        "What is the melting point of tungsten?",
        "Which regiment was the first to reach Waterloo?",
        "How do I reverse a linked list in C?",
    ),
    "chinese": (
        "哪支足球队拿了冠军",
        "钨的熔点是多少",
        "哪个军团最先到达滑铁卢",
        "怎么用C语言反转链表",
    ),
}
KEPT = 0.75
"""The built-in sets avoid the words of their answers: what is said in them is hard to tell."""


@pytest.fixture
async def library(database):
    embedder = LocalEmbedder()
    await embedder.start()
    yield await Library(database, embedder).open()
    await embedder.close()


@pytest.mark.parametrize("language", ["english", "chinese"])
async def test_nothing_fits_what_nobody_talked_about(library, language):
    await Talk(language).keep_in(library, named=False)
    for question in (*OFF_TOPIC["english"], *OFF_TOPIC["chinese"]):
        found = await library.search(question)
        assert found.relevance is Relevance.NONE, question
        assert not found.fits
        assert max(hit.probability for hit in found.hits) < 0.3


@pytest.mark.parametrize("language", ["english", "chinese"])
async def test_most_of_what_was_talked_about_fits(library, language):
    talk = Talk(language)
    await talk.keep_in(library, named=False)
    fits = []
    for question in talk.questions(across=False):
        found = await library.search(question.text)
        if {hit.memory_id for hit in found.hits} & set(talk.evidence_for(question)):
            fits.append(found.fits)
    assert sum(fits) / len(fits) >= KEPT


async def test_what_a_chinese_question_finds_in_a_large_english_store_is_weak_at_least(library):
    await Talk("english").keep_in(library, named=False)
    await library.keep(*(f"On day {n} the {n}th parcel came by post." for n in range(1, 41)))
    for question in ("花瓶为什么裂了", "花瓶为什么在窑里裂了", "花瓶涂了什么颜色"):
        assert (await library.search(question)).relevance is Relevance.WEAK, question
    for question in OFF_TOPIC["chinese"]:
        assert (await library.search(question)).relevance is Relevance.NONE, question


@pytest.mark.parametrize(
    ("stored", "question"),
    [
        ("The heron nests by the mill.", "Where does the heron nest?"),
        ("我把钥匙放在门垫下面了。", "钥匙放在哪里了"),
    ],
)
async def test_a_single_memory_is_enough_to_tell(library, stored, question):
    await library.keep(stored)
    assert (await library.search(question)).fits
    assert not (await library.search("Which football club won the cup?")).fits


@pytest.mark.parametrize(
    ("stored", "question"),
    [("我最喜欢乌龙茶", "乌龙茶"), ("My dog is called Rex.", "dog"), ("Mei has a cat.", "cat?")],
)
async def test_a_word_of_the_only_memory_finds_it(library, stored, question):
    await library.keep(stored)
    found = await library.search(question)
    assert found.fits
    assert [hit.content for hit in found.hits] == [stored]
    assert not (await library.search("What is the melting point of tungsten?")).fits


CASES = json.loads(Path(__file__).with_name("asked_in_vain.json").read_text("utf-8"))
"""Questions beside what shares words with them, alone and with what answers in other words."""


async def test_among_few_memories_what_shares_a_subject_is_rarely_a_sure_answer(library):
    verdicts = {"asked": Counter(), "told": Counter()}
    for part, of_part in verdicts.items():
        for number, case in enumerate(CASES[part]):
            space = f"{part} {number}"
            for place, text in enumerate(
                (*case["beside"], *[case.get("statement")][: part == "told"])
            ):
                await library.keep(text, session_id=f"{place}", space_id=space)
            of_part[(await library.search(case["question"], space_id=space)).relevance] += 1
    assert verdicts["asked"][Relevance.STRONG] <= 0.2 * len(CASES["asked"])
    assert verdicts["asked"][Relevance.NONE] >= 0.15 * len(CASES["asked"])
    assert verdicts["told"][Relevance.NONE] == 0
    assert verdicts["told"][Relevance.STRONG] >= 0.35 * len(CASES["told"])


@pytest.mark.parametrize(
    ("stored", "question"),
    [
        ("The staging proxy listens on 8181.", "Which port does the staging proxy listen on?"),
        ("Mei likes oolong tea.", "Which tea does Mei like?"),
        ("预发库的口令存在保险箱里。", "预发库的口令存在哪里"),
    ],
)
async def test_a_plain_answer_among_few_memories_is_a_sure_one(library, stored, question):
    await library.keep("The proxy was set up by Jonas.", session_id="other")
    await library.keep(stored)
    assert (await library.search(question)).relevance is Relevance.STRONG


async def test_what_is_asked_in_a_script_that_nothing_is_stored_in_is_not_judged(library):
    await library.keep("I am allergic to walnuts.", "我对核桃过敏。", "クルミは食べられません。")
    assert (await library.search("호두 알레르기가 있나요?")).relevance is Relevance.UNKNOWN
    assert (await library.search("クルミのアレルギー")).relevance is not Relevance.UNKNOWN


async def test_what_was_not_embedded_yet_is_shown_and_not_judged(library):
    await library.keep("记住了")
    await library.keep("我最喜欢乌龙茶", embedded=False)
    found = await library.search("乌龙茶")
    assert found.relevance is Relevance.UNKNOWN
    assert found.hits[0].content == "我最喜欢乌龙茶"
    assert [hit.probability for hit in found.hits] == [None, None]
    assert (await library.search("Which football club won the cup?")).relevance is Relevance.NONE


async def test_how_many_are_asked_for_does_not_change_what_is_said_of_them(library):
    talk = Talk("english")
    await talk.keep_in(library, named=True)
    for question in list(talk.questions(across=False))[:5]:
        one, many = [await library.search(question.text, n=n) for n in (1, 20)]
        assert one.relevance is many.relevance
        assert one.hits[0].probability == pytest.approx(many.hits[0].probability, abs=1e-6)


async def test_a_model_that_was_not_measured_leaves_relevance_unknown(database):
    library = await Library(database, BagOfWordsEmbedder()).open()
    await library.keep("The heron nests by the mill.")
    found = await library.search("football")
    assert found.relevance is Relevance.UNKNOWN
    assert found.fits
    assert [hit.probability for hit in found.hits] == [None]


async def test_an_empty_store_has_nothing_that_fits(library):
    found = await library.search("football")
    assert (found.hits, found.relevance, found.fits) == ((), Relevance.NONE, False)
