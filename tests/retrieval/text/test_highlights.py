import pytest

from sage.retrieval.text.highlights import matches_of


@pytest.mark.parametrize(
    ("text", "question", "found"),
    [
        ("Mei likes oolong teas.", "Which tea does Mei like?", ["Mei", "teas"]),
        ("It is the way it was.", "Which way?", ["way"]),
        ("梅喜欢乌龙茶 每天喝。", "乌龙茶好喝吗", ["乌龙", "龙茶"]),
        ("Where is the key?", "", []),
        ("\ufb01ne tea", "tea", []),
    ],
)
def test_the_words_of_a_question_are_found_by_their_stems(text, question, found):
    assert [text[start:end] for start, end in matches_of(question)(text)] == found
