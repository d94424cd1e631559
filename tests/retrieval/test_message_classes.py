# ruff: noqa: RUF001 - other scripts are what is tested
from __future__ import annotations

import time
from collections import Counter

from sage.domain.memories import Role
from sage.domain.message_class import MessageClass
from sage.retrieval.message_classes.classing import Classed, Earlier, Turn, classes_of
from tests.support.each import each
from tests.support.labelled_messages import labelled_sessions

STATES = {MessageClass.STATEMENT, MessageClass.ANSWER}
LEFT_OUT = set(MessageClass) - STATES - {MessageClass.PASTED}
RECALL = {
    "seen": dict.fromkeys(MessageClass, 0.88),
    "held": dict.fromkeys(MessageClass, 0.88),
    "other_seen": {"question": 0.85, "request": 0.55, "non_answer": 0.85, "acknowledgement": 0.8},
    "other_held": {"question": 0.7, "request": 0.35, "non_answer": 0.8, "acknowledgement": 0.75},
}
"""The least share of a class that is found as such: who wrote the rules knows how he writes."""

U, A = Role.USER, Role.ASSISTANT


def labelled(part):
    """Yield each labelled message and the class that it is given."""
    for session in labelled_sessions(part):
        turns = [Turn(one.role, one.text, one.label is MessageClass.REMARK) for one in session]
        for one, classed in zip(session, classes_of(turns), strict=True):
            yield one, classed.message_class


def alike(one):
    """Return questions and requests, statements and answers as one: they are ranked alike."""
    if one in STATES:
        return MessageClass.STATEMENT
    return MessageClass.REQUEST if one.asks else one


@each("part", [*RECALL])
def test_statements_are_not_left_out_and_most_of_what_is_empty_is_found(part):
    found = [*labelled(part)]
    told = [(one, got) for one, got in found if one.label in STATES]
    wrong = [one.text for one, got in told if got in LEFT_OUT and got not in one.also]
    assert len(wrong) <= 0.01 * len(told), wrong
    total = Counter(one.label for one, _ in found)
    missed = Counter(
        one.label for one, got in found if alike(got) not in map(alike, (one.label, *one.also))
    )
    low = {
        label: round(1 - missed[label] / total[label], 2)
        for label, least in RECALL[part].items()
        if total[label] and 1 - missed[label] / total[label] < least
    }
    assert not low


def test_more_than_three_thousand_messages_are_labelled():
    assert sum(1 for part in RECALL for _ in labelled(part)) >= 3_000


def said(*turns):
    return [Turn(role, text) for role, text in turns]


@each(
    ("turns", "expected"),
    [
        ([(U, "port?"), (A, "9443"), (U, "no, 9444")], [None, 0, 0]),
        (
            [(U, "port?"), (A, "9443"), (U, "no, 9444"), (A, "I have put that right.")],
            [None, 0, 0, None],
        ),
        (
            [(U, "port?"), (A, "9443"), (U, "no, look again"), (A, "It is 9444.")],
            [None, 0, 0, 0],
        ),
        ([(U, "Tell me the port"), (A, "9443"), (U, "no, 9444")], [None, 0, 0]),
        ([(U, "告诉我端口"), (A, "9443"), (U, "不对，是9444")], [None, 0, 0]),
        ([(U, "翻译任务最多能开多少？"), (A, "9"), (U, "不对，是8")], [None, 0, 0]),
        ([(U, "Fix the port"), (A, "It is 9443 now."), (U, "no, 9444")], [None, 0, None]),
        ([(U, "port?"), (A, "9443"), (U, "thanks"), (A, "You're welcome!")], [None, 0, None, None]),
        ([(U, "port?"), (A, "9443"), (U, "We moved to Graz.")], [None, 0, None]),
        ([(U, "port?"), (A, "I do not know."), (U, "it's 9443")], [None, None, 0]),
        (
            [(U, "port?"), (A, "I don't know."), (U, "Ines is back on Monday, tell Bruno")],
            [None] * 3,
        ),
        (
            [(U, "fix it"), (A, "Done, it was the clock."), (U, "no, keep the clock")],
            [None, 0, None],
        ),
        ([(U, "port?"), (A, "Understood: port?")], [None, None]),
        (
            [(U, "port?"), (A, "Staging or production?"), (U, "staging"), (A, "9443")],
            [None, None, 1, 0],
        ),
        ([(U, "We moved to Hetzner. Which port is it?"), (A, "9443")], [None, 0]),
        ([(U, "The test is flaky. Please fix it."), (A, "It was the clock.")], [None, 0]),
        ([(U, "The test is flaky."), (A, "It was the clock.")], [None, None]),
        ([(U, "port?"), (A, "I looked it up."), (A, "9443 it is.")], [None, 0, 0]),
        ([(U, "is it up?"), (A, "Yes.")], [None, 0]),
        ([(U, "it is up"), (A, "Yes.")], [None, None]),
        ([(U, "端口是多少"), (A, "9443"), (U, "不对，是9444")], [None, 0, 0]),
        ([(U, "谁是联系人"), (A, "我不知道。"), (U, "是 Petra Vogt")], [None, None, 0]),
        ([(U, "谁是联系人"), (A, "我不知道。"), (U, "韩梅")], [None, None, 0]),
        ([(U, "队列叫什么"), (A, "不知道。"), (U, "搜索页以后两点运行。")], [None] * 3),
        ([(U, "queue?"), (A, "I do not know."), (U, "The report runs at 2:03.")], [None] * 3),
    ],
)
def test_a_reply_with_substance_names_what_it_replies_to(turns, expected):
    assert [one.reply_to for one in classes_of(said(*turns))] == expected


def test_a_reply_names_what_was_asked_before_the_messages():
    before = [
        Earlier(U, "which port does pelican use", MessageClass.QUESTION),
        Earlier(A, "I do not know.", MessageClass.NON_ANSWER),
        Earlier(U, "and the host?", MessageClass.QUESTION),
    ]
    assert classes_of(said((A, "It is heron-2.")), before) == [Classed(MessageClass.ANSWER, -1)]
    before.append(Earlier(A, "It is heron-2.", MessageClass.ANSWER))
    assert classes_of(said((U, "no, heron-3")), before) == [Classed(MessageClass.STATEMENT, -2)]


@each(
    ("turns", "expected"),
    [
        ([(U, "is it up?"), (A, "Yes.")], MessageClass.ANSWER),
        ([(U, "it is up"), (A, "Yes.")], MessageClass.ACKNOWLEDGEMENT),
        ([(U, "use tabs"), (A, "Okay, tabs it is.")], MessageClass.ACKNOWLEDGEMENT),
        ([(U, "use tabs"), (A, "Okay, tabs it is, in 14 files.")], MessageClass.STATEMENT),
        ([(U, "no, 9444"), (A, "You're right, corrected.")], MessageClass.ACKNOWLEDGEMENT),
        ([(U, "不对，是9444"), (A, "抱歉，我记错了，已更正。")], MessageClass.ACKNOWLEDGEMENT),
        ([(U, "who is on call?"), (A, "Shall I ask Ines?"), (U, "ok")], MessageClass.ANSWER),
        ([(U, "Isn't pelican on 9443?")], MessageClass.QUESTION),
        ([(U, "你不是说用9443吗")], MessageClass.QUESTION),
        ([(U, "Noted. By the way the port is 9443.")], MessageClass.STATEMENT),
        ([(U, "Which port? Petra says 9444.")], MessageClass.STATEMENT),
        (
            [(U, "what is it?"), (A, "I don't know the port, but the host is pelican.")],
            MessageClass.ANSWER,
        ),
        (
            [(U, "hm?"), (A, "<sage-recall>\n[3f] user: port 9443\n</sage-recall>")],
            MessageClass.QUOTATION,
        ),
        (
            [(U, "<sage-recall>\n[3f] user: 9443\n</sage-recall>\nfix the test")],
            MessageClass.REQUEST,
        ),
        ([(U, "What is wrong?\n" + "12:01:14 ERROR read timeout\n" * 9)], MessageClass.PASTED),
        (
            [(U, "What is wrong?\n" + "12:01:14 ERROR\n" * 9), (A, "The disk is full.")],
            MessageClass.ANSWER,
        ),
    ],
)
def test_what_was_said_before_decides(turns, expected):
    assert classes_of(said(*turns))[-1].message_class is expected


def seconds(text):
    """Measure the processor's time of a class for a text, the best of three."""
    spent = []
    for _ in range(3):
        began = time.thread_time()
        for _ in range(20):
            classes_of(said((U, "why?"), (A, text)))
        spent.append(time.thread_time() - began)
    return min(spent)


@each(
    "text",
    [
        *(
            "so, ",
            "no ",
            "我不",
            "。",
            "? ",
            "i don't ",
            "ok ",
            "how many ",
            "什么",
            "list ",
            "<sage-recall>",
        ),
        *("what the ", "there is no ", "ich ", "it's, ", "a", "1", " ", "\n", "{", "no, it's "),
    ],
)
def test_a_message_costs_as_much_as_it_is_long(text):
    short = (
        160 // len(text) * text
    )  # four times the text takes 4 times the time, if it is read once
    assert seconds(4 * short) <= 12 * seconds(short)
    long = 4_000 // len(text) * text
    assert seconds(4 * long) <= 12 * seconds(long)
