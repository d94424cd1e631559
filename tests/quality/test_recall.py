"""Floors under what is found, with the model and the database people get.

Each floor is the figure measured when it was written, less one question.
"""

import pytest

from sage.providers.local import LocalEmbedder
from tests.quality.conversations import Talk
from tests.support.library import Library


@pytest.fixture
async def library(database):
    embedder = LocalEmbedder()
    await embedder.start()
    yield await Library(database, embedder).open()
    await embedder.close()


@pytest.mark.parametrize("named", [True, False], ids=["named", "user and assistant"])
async def test_an_english_conversation_answers_its_questions(library, named):
    talk = Talk("english")
    await talk.keep_in(library, named=named)
    recall, missed = await talk.recall(library, 5)
    assert recall >= 0.77, missed


async def test_a_chinese_conversation_answers_its_questions(library):
    talk = Talk("chinese")
    await talk.keep_in(library, named=False)
    recall, missed = await talk.recall(library, 5)
    assert recall >= 0.95, missed


async def test_a_chinese_conversation_answers_questions_in_english(library):
    talk = Talk("chinese")
    await talk.keep_in(library, named=False)
    recall, missed = await talk.recall(library, 5, across=True)
    assert recall >= 0.8, missed


async def test_conversations_in_one_store_do_not_hide_each_other(library):
    english, chinese = Talk("english"), Talk("chinese")
    await english.keep_in(library, named=True)
    await chinese.keep_in(library, named=False)
    for talk, floor in ((english, 0.77), (chinese, 0.9)):
        recall, missed = await talk.recall(library, 5)
        assert recall >= floor, missed


async def test_a_question_finds_what_was_said_in_the_other_language(library):
    mixed, english, chinese = Talk("mixed"), Talk("english"), Talk("chinese")
    for talk in (mixed, english, chinese):
        await talk.keep_in(library, named=False)
    recall, missed = await mixed.recall(library, 5, across=True)
    assert recall >= 0.72, missed


async def test_a_chinese_word_of_two_characters_is_found(library):
    talk = Talk("chinese")
    await talk.keep_in(library, named=False)
    assert "陶笛" in (await library.found("陶笛", n=1))[0]


async def test_a_chinese_paraphrase_without_a_common_word_is_found(library):
    talk = Talk("chinese")
    await talk.keep_in(library, named=False)
    assert any("辞职信" in text for text in await library.found("离开原来的岗位", n=3))
