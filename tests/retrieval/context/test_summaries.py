# ruff: noqa: RUF001 - Chinese punctuation is what is tested

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sage.domain.summarizing import SummaryTurn
from sage.retrieval.context.summaries import extract_summary
from sage.retrieval.context.tokens import count_tokens_upper_bound

TALK = [
    SummaryTurn("Mon", "It rained. We drank coffee in the shed."),
    SummaryTurn("Tue", "Marta keeps bees by the mill. The mill is old."),
    SummaryTurn("Wed", "The bees swarmed on Friday! Nobody was stung."),
]
FRIENDS = [
    SummaryTurn("2023-05-08 13:56 Caroline (user)", "Hey Mel! Long time no see. I went hiking."),
    SummaryTurn(
        "2023-05-08 13:57 Melanie (assistant)", "Hi Caroline! What did you say about hiking?"
    ),
    SummaryTurn(
        "2023-05-08 13:58 Caroline (user)", "I am looking into adoption agencies. It rained."
    ),
    SummaryTurn("2023-05-08 13:59 Melanie (assistant)", "Adopting is brave. The kids are well."),
    SummaryTurn("2023-05-08 14:00 Caroline (user)", "I painted a lake. See you!"),
]


def room_for(*lines):
    return sum(count_tokens_upper_bound(f"{line}\n") for line in lines)


def test_sentences_about_the_question_are_picked_whole_in_order_of_time():
    lines = ["Tue: Marta keeps bees by the mill.", "Wed: The bees swarmed on Friday!"]
    assert extract_summary("What do the bees do?", TALK, 500).splitlines() == lines


def test_chinese_is_cut_into_sentences_and_asked_without_spaces():
    turns = [SummaryTurn("周一", "今天下雨了。我们喝了咖啡。妹妹在磨坊边养蜜蜂！天黑了。")]
    assert extract_summary("谁养蜜蜂？", turns, 500) == "周一: 妹妹在磨坊边养蜜蜂！"


def test_who_is_asked_about_lends_weight_and_what_is_asked_about_decides():
    summary = extract_summary("What did Caroline say about adoption?", FRIENDS, 500)
    assert summary.splitlines()[0] == f"{FRIENDS[2].head}: I am looking into adoption agencies."
    assert all("adopt" in line.lower() for line in summary.splitlines())


def test_in_chinese_as_well_what_is_asked_about_decides():
    turns = [
        SummaryTurn("王芳", "你好！今天天气不错。"),
        SummaryTurn("李明", "王芳你好，我在准备领养一只猫。"),
        SummaryTurn("王芳", "领养手续复杂吗？我去过那家机构。"),
    ]
    assert "领养一只猫" in extract_summary("李明说过关于领养的什么？", turns, 500)
    assert "天气" not in extract_summary("李明说过关于领养的什么？", turns, 500)


def test_a_question_that_names_a_person_alone_is_answered_by_what_that_one_said():
    summary = extract_summary("What did Melanie say?", FRIENDS, 500)
    assert "kids are well" in summary
    assert "Caroline (user)" not in summary


@pytest.mark.parametrize("question", ["Who has a canoe?", "谁有皮划艇？", ""])
def test_where_no_sentence_has_a_word_of_the_question_none_is_picked(question):
    assert extract_summary(question, FRIENDS, 500) == ""


def test_what_answers_comes_before_what_asks():
    turns = [SummaryTurn("A", "Do you keep bees?"), SummaryTurn("B", "I keep bees.")]
    assert extract_summary("bees", turns, room_for("B: I keep bees.")) == "B: I keep bees."


def test_the_rarer_word_of_a_question_decides():
    turns = [SummaryTurn("A", f"The mill has {n} stones.") for n in range(9)] + [
        SummaryTurn("B", "Bees hum.")
    ]
    assert extract_summary("Are there bees at the mill?", turns, 500) == "B: Bees hum."


def test_what_is_said_already_is_not_said_again():
    turns = [SummaryTurn("A", "Bees hum. Bees hum. Bees hum. Bees sting.")]
    assert extract_summary("bees", turns, 500).splitlines() == ["A: Bees hum.", "A: Bees sting."]


@pytest.mark.parametrize("turns", [[], [SummaryTurn("A", "")], [SummaryTurn("A", "... !!! ?")]])
def test_where_nothing_was_said_there_is_no_summary(turns):
    assert extract_summary("bees", turns, 100) == ""


@given(
    texts=st.lists(st.text(max_size=200), max_size=8),
    most_tokens=st.integers(1, 120),
    question=st.text(max_size=40),
)
def test_a_summary_never_takes_more_than_its_tokens(texts, most_tokens, question):
    summary = extract_summary(question, [SummaryTurn("A", text) for text in texts], most_tokens)
    assert not summary or count_tokens_upper_bound(summary + "\n") <= most_tokens


def test_a_long_record_is_read_no_further_than_needed():
    turns = [SummaryTurn("A", "A tea. " * 5_000), SummaryTurn("B", "Bees hum.")]
    assert extract_summary("tea", turns, 50) == "A: A tea."
