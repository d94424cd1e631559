"""A later statement takes the place of one on the same subject that names another such thing."""

from sage.retrieval.recall.subjects import words_in
from sage.retrieval.recall.value_updates import may_supersede, states_change
from tests.support.each import each

OLD = "The bank bridge listens on port 4417."


@each(
    ("older", "newer", "expected"),
    [
        (OLD, "The bank bridge has moved to port 4418.", True),
        (OLD, "The bank bridge listens on port 4418.", False),
        (OLD, "For the record, the bank bridge answers on port 4418.", False),
        (OLD, "The bank bridge listens on port 4417 from now on.", False),
        (OLD, "The bank bridge now keeps its data for 90 days.", False),
        (OLD, "The tax engine has moved to port 4418.", False),
        (
            "The bank bridge is on the branch reed/ibis-3.",
            "The bank bridge has a new one: elm/owl-4.",
            True,
        ),
        (
            "Ilse Thorne looks after the bank bridge.",
            "From now on Ada Holm looks after the bank bridge.",
            True,
        ),
        ("The bank bridge writes to q.reed.", "The bank bridge uses Avro now.", False),
        ("采样器监听5431端口。", "采样器换到5432端口了。", True),
        ("采样器监听5431端口。", "采样器的数据以后保留90天。", False),
    ],
)
def test_what_changed_is_replaced(older, newer, expected):
    subject = frozenset(words_in(("bank bridge", "tax engine", "采样器")))
    assert (states_change(newer) and may_supersede(newer, older, subject)) == expected


def test_what_may_have_changed_need_not_say_so():
    subject = frozenset({"bank", "bridg"})
    later = "For the record, the bank bridge answers on port 4418."
    assert may_supersede(later, OLD, subject)
    assert may_supersede("The bank bridge listens on port /run/bank.sock.", OLD, subject)
    assert not may_supersede("The bank bridge keeps 90 days.", OLD, subject)
    assert not may_supersede(OLD, OLD, subject)
