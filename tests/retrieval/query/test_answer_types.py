# ruff: noqa: RUF001 - other scripts are what is tested

"""What holds nothing of the kind that a question wants is no answer to it."""

from sage.retrieval.query.answer_types import may_answer
from sage.retrieval.query.same_questions import is_equal_question

ANSWERS = (
    ("How many seats does the room on the third floor have?", "We can put fourteen people there."),
    ("What does the licence for the map tiles cost?", "They bill us 3,600 euros."),
    ("When does the lease end?", "We rent it until June."),
    ("When should I take the tablets?", "After breakfast."),
    ("How long do we keep audit entries?", "Four hundred days."),
    ("Who fixed the boiler?", "It was repaired by Mr. Haddad."),
    ("Where is the spare key?", "under a flower pot"),
    ("Welcher Port ist es?", "der übliche"),
    ("三楼会议室能坐多少人？", "最多十四个人。"),
    ("租约什么时候到期？", "到明年六月。"),
    ("谁修的锅炉？", "韩师傅。"),
)
NO_ANSWERS = (
    ("How many seats does the room on the third floor have?", "The third floor is green."),
    ("Which port does the proxy use?", "The proxy was restarted."),
    ("When does the lease end?", "The lease is in the blue folder."),
    ("Who fixed the boiler?", "The boiler hums loudly."),
    ("三楼会议室能坐多少人？", "会议纪要请发出来。"),
)
SAME = (
    ("Who fixed the boiler?", "who fixed our boiler"),
    ("三楼会议室能坐多少人？", "请问三楼会议室能坐多少人"),
)
DIFFERENT = (
    ("When was the boiler fixed?", "Who fixed the boiler?"),
    ("Which port does pelican use?", "Which port does heron use?"),
    ("Which port does pelican use?", "Which port does pelican not use?"),
)


def test_a_text_may_answer_if_it_holds_a_thing_of_the_kind_that_is_wanted():
    assert not [one for one in ANSWERS if not may_answer(one[1], one[0])]
    assert not [one for one in NO_ANSWERS if may_answer(one[1], one[0])]


def test_questions_are_equal_that_differ_in_form_alone():
    assert not [one for one in SAME if not is_equal_question(*one)]
    assert not [one for one in DIFFERENT if is_equal_question(*one)]
