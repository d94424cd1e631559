# ruff: noqa: RUF001 - Chinese punctuation is what is tested

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sage.domain.summarizing import Turn
from sage.providers.extractive import ExtractiveSummarizer
from sage.retrieval.tokens import count_tokens_upper_bound

TALK = [
    Turn("Mon", "It rained. We drank coffee in the shed."),
    Turn("Tue", "Marta keeps bees by the mill. The mill is old."),
    Turn("Wed", "The bees swarmed on Friday! Nobody was stung."),
]


def room_for(*lines):
    return sum(count_tokens_upper_bound(f"{line}\n") for line in lines)


@pytest.fixture
def summarizer():
    return ExtractiveSummarizer(count_tokens_upper_bound)


async def test_sentences_about_the_question_are_picked_whole_in_order_of_time(summarizer):
    lines = ["Tue: Marta keeps bees by the mill.", "Wed: The bees swarmed on Friday!"]
    summary = await summarizer.summarize("What do the bees do?", TALK, room_for(*lines))
    assert summary.splitlines() == lines


async def test_chinese_is_cut_into_sentences_and_asked_without_spaces(summarizer):
    turns = [Turn("周一", "今天下雨了。我们喝了咖啡。妹妹在磨坊边养蜜蜂！天黑了。")]
    line = "周一: 妹妹在磨坊边养蜜蜂！"
    assert await summarizer.summarize("谁养蜜蜂？", turns, room_for(line)) == line


async def test_what_is_said_already_gives_way_to_what_is_not(summarizer):
    turns = [Turn("A", "Bees hum. Bees hum. Bees hum. Mills grind corn.")]
    lines = ["A: Bees hum.", "A: Mills grind corn."]
    summary = await summarizer.summarize("bees", turns, room_for(*lines))
    assert summary.splitlines() == lines


@pytest.mark.parametrize("turns", [[], [Turn("A", "")], [Turn("A", "... !!! ?")]])
async def test_where_nothing_was_said_there_is_no_summary(summarizer, turns):
    assert await summarizer.summarize("bees", turns, 100) == ""


@given(
    texts=st.lists(st.text(max_size=200), max_size=8),
    most_tokens=st.integers(1, 120),
    question=st.text(max_size=40),
)
async def test_a_summary_never_takes_more_than_its_tokens(texts, most_tokens, question):
    summarizer = ExtractiveSummarizer(count_tokens_upper_bound)
    turns = [Turn("A", text) for text in texts]
    summary = await summarizer.summarize(question, turns, most_tokens)
    assert not summary or count_tokens_upper_bound(summary + "\n") <= most_tokens


async def test_a_long_record_is_read_no_further_than_needed(summarizer):
    turns = [Turn("A", "A tea. " * 5_000), Turn("B", "Bees hum.")]
    summary = await summarizer.summarize("bees", turns, 50)
    assert "tea" in summary
