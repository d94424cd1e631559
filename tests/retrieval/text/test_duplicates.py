"""Two texts are near where they differ in form, never in a number, a name or a "not"."""

import time
from pathlib import Path

from sage.retrieval.text.duplicates import canonical_form, is_near_duplicate
from tests.support.each import each

NEAR_MISSES = Path(__file__).parents[2] / "service" / "near_misses.txt"


@each(
    ("text", "other"),
    [
        ("The gateway listens on 9443.", "the gateway  listens on 9443"),
        ("The **gateway** listens on `9443`.", "Gateway listens on 9443!"),
        ("It’s on port 9443", "it's on port 9443."),  # noqa: RUF001 - as people's keyboards write
        ("网关监听 9443 端口。", "网关监听9443端口"),
        ("The mill is “closed”.", 'The mill is "closed"'),
    ],
)
def test_of_texts_of_one_form_nothing_is_lost(text, other):
    assert canonical_form(text) == canonical_form(other)
    assert is_near_duplicate(text, other)


@each(
    ("text", "other"),
    [
        ("The gateway listens on 9443.", "On 9443 the gateway is listening."),
        ("Priya reports to Paula.", "Paula reports to Priya."),
        ("The job runs before midnight.", "The job runs after midnight."),
        ("It works.", "It works?"),
        ("It needs C++.", "It needs C."),
        ("The offset is -5.", "The offset is 5."),
    ],
)
def test_what_is_said_in_another_way_is_not_of_one_form(text, other):
    assert canonical_form(text) != canonical_form(other)


def test_no_text_takes_long_to_compare():
    def took_s(text):
        began = time.process_time()
        for _ in range(5):
            canonical_form(text)
        return time.process_time() - began

    ordinary = min(took_s("heron " * 330) for _ in range(3))
    assert min(took_s("a" + " " * 1_998 + "b") for _ in range(3)) < 10 * ordinary


def test_texts_that_differ_in_a_number_a_name_or_a_not_are_never_near():
    pairs = [line.split(" | ") for line in NEAR_MISSES.read_text(encoding="utf-8").splitlines()]
    assert len(pairs) > 40
    assert [pair for pair in pairs if is_near_duplicate(*pair)] == []
