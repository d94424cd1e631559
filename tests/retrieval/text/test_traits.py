# ruff: noqa: RUF001 - Chinese punctuation and typographic signs are what is tested

import pytest

from sage.retrieval.text.traits import Trait, traits_of
from tests.support.each import each


@pytest.mark.parametrize(
    "text",
    ["How was it?", "你喜欢猫吗", "你呢？", 'Did she say "yes?"', "真的吗。", "最近怎么样？ "],
)
def test_a_text_that_ends_in_a_question_asks(text):
    assert Trait.ASKS in traits_of(text)


@pytest.mark.parametrize("text", ["Really? I like it.", "我在想呢，明天去。", "no"])
def test_a_text_that_ends_otherwise_does_not_ask(text):
    assert Trait.ASKS not in traits_of(text)


@pytest.mark.parametrize(
    "text", ["I went home", "that's my dog", "we’re late", "我去了公园", "咱们走"]
)
def test_the_first_person_is_seen(text):
    assert Trait.SPEAKS_OF_SELF in traits_of(text)


@pytest.mark.parametrize("text", ["You went home", "his dog", "他去了公园", "vitamin I"[:-2]])
def test_other_persons_are_not_the_first(text):
    assert Trait.SPEAKS_OF_SELF not in traits_of(text)


@each(
    "text",
    [
        "yesterday we swam",
        "it was last Friday",
        "two weeks ago",
        "on 8 May 2023",
        "昨天我们游泳了",
        "上周五去的",
        "三天前",
        "星期六见",
        "5月8日",
    ],
)
def test_a_text_that_says_when_is_dated_and_timed(text):
    assert {Trait.DATED, Trait.TIMED} <= set(traits_of(text))


@pytest.mark.parametrize("text", ["I have been busy lately", "最近很忙", "for my birthday"])
def test_a_text_that_touches_time_is_timed_but_not_dated(text):
    traits = set(traits_of(text))
    assert Trait.TIMED in traits
    assert Trait.DATED not in traits


def test_a_plain_text_has_no_traits():
    assert list(traits_of("the sky is blue")) == []
