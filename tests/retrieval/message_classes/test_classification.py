# ruff: noqa: RUF001 - other scripts are what is tested
from __future__ import annotations

import time
from collections import Counter

from sage.domain.memories import Role
from sage.domain.message_class import MessageClass
from sage.retrieval.message_classes.classification import (
    Classification,
    ClassifiedMessage,
    UnclassifiedMessage,
    classify_messages,
)
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
        turns = [
            UnclassifiedMessage(one.role, one.text, one.label is MessageClass.REMARK)
            for one in session
        ]
        for one, classed in zip(session, classify_messages(turns), strict=True):
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
    return [UnclassifiedMessage(role, text) for role, text in turns]


@each(
    ("turns", "expected"),
    [
        ([(U, "port?"), (A, "9443"), (U, "no, 9444")], [(), (0,), (0, 1)]),
        (
            [(U, "port?"), (A, "9443"), (U, "no, 9444"), (A, "I have put that right.")],
            [(), (0,), (0, 1), ()],
        ),
        (
            [(U, "port?"), (A, "9443"), (U, "no, look again"), (A, "It is 9444.")],
            [(), (0,), (0,), (0,)],
        ),
        ([(U, "Tell me the port"), (A, "9443"), (U, "no, 9444")], [(), (0,), (0, 1)]),
        ([(U, "告诉我端口"), (A, "9443"), (U, "不对，是9444")], [(), (0,), (0, 1)]),
        ([(U, "翻译任务最多能开多少？"), (A, "9"), (U, "不对，是8")], [(), (0,), (0, 1)]),
        ([(U, "Fix the port"), (A, "It is 9443 now."), (U, "no, 9444")], [(), (0,), (1,)]),
        ([(U, "port?"), (A, "9443"), (U, "thanks"), (A, "You're welcome!")], [(), (0,), (), ()]),
        ([(U, "port?"), (A, "9443"), (U, "We moved to Graz.")], [(), (0,), ()]),
        ([(U, "port?"), (A, "I do not know."), (U, "it's 9443")], [(), (), (0,)]),
        (
            [(U, "port?"), (A, "I don't know."), (U, "Ines is back on Monday, tell Bruno")],
            [()] * 3,
        ),
        (
            [(U, "fix it"), (A, "Done, it was the clock."), (U, "no, keep the clock")],
            [(), (0,), ()],
        ),
        ([(U, "port?"), (A, "Understood: port?")], [(), ()]),
        (
            [(U, "port?"), (A, "Staging or production?"), (U, "staging"), (A, "9443")],
            [(), (), (1,), (0,)],
        ),
        ([(U, "We moved to Hetzner. Which port is it?"), (A, "9443")], [(), (0,)]),
        ([(U, "The test is flaky. Please fix it."), (A, "It was the clock.")], [(), (0,)]),
        ([(U, "The test is flaky."), (A, "It was the clock.")], [(), ()]),
        ([(U, "port?"), (A, "I looked it up."), (A, "9443 it is.")], [(), (0,), (0,)]),
        ([(U, "is it up?"), (A, "Yes.")], [(), (0,)]),
        ([(U, "it is up"), (A, "Yes.")], [(), ()]),
        ([(U, "端口是多少"), (A, "9443"), (U, "不对，是9444")], [(), (0,), (0, 1)]),
        ([(U, "谁是联系人"), (A, "我不知道。"), (U, "是 Petra Vogt")], [(), (), (0,)]),
        ([(U, "谁是联系人"), (A, "我不知道。"), (U, "韩梅")], [(), (), (0,)]),
        ([(U, "队列叫什么"), (A, "不知道。"), (U, "搜索页以后两点运行。")], [()] * 3),
        ([(U, "queue?"), (A, "I do not know."), (U, "The report runs at 2:03.")], [()] * 3),
    ],
)
def test_a_reply_with_substance_names_what_it_replies_to(turns, expected):
    assert [one.replies_to for one in classify_messages(said(*turns))] == expected


def test_a_reply_names_what_was_asked_before_the_messages():
    before = [
        ClassifiedMessage(U, "which port does pelican use", MessageClass.QUESTION),
        ClassifiedMessage(A, "I do not know.", MessageClass.NON_ANSWER),
        ClassifiedMessage(U, "and the host?", MessageClass.QUESTION),
    ]
    assert classify_messages(said((A, "It is heron-2.")), before) == [
        Classification(MessageClass.ANSWER, (-1,))
    ]
    before.append(ClassifiedMessage(A, "It is heron-2.", MessageClass.ANSWER))
    assert classify_messages(said((U, "no, heron-3")), before) == [
        Classification(MessageClass.STATEMENT, (-2, -1))
    ]


PUT_RIGHT = {
    "The staging database runs on host db7.": (
        (
            "No, db9.|no db9|Sorry, db9, not db7|I meant db9|Correction: it is db9|*db9|oops, db9"
            "|The staging database runs on db9, not db7.|Not db7 but db9.|That's wrong, it is db9."
            "|No, the staging database runs on db9.|Actually, it's db9|db9 instead of db7"
        ),
        (
            "No, thanks.|No, the tests are green now.|No, that's all.|No, not yet.|No, wait."
            "|Sorry, I was away.|Sorry, can you repeat that?|Actually, never mind.|No, db9 is down."
            "|Wrong channel, sorry.|I meant to ask which port.|The archive runs on db9.|I mean it."
            "|Not urgent, but the disk is full.|Anna is on leave, not Peter.|Typo in README, line 9"
            "|Correction of the exams takes two weeks.|No, let's eat.|No idea what db9 is."
        ),
    ),
    "Die Testdatenbank läuft auf db7.": (
        (
            "Nein, db9.|Entschuldigung, db9, nicht db7|Ich meinte db9|Korrektur: es ist db9"
            "|Die Testdatenbank läuft auf db9, nicht auf db7.|Falsch, db9.|Nicht db7, sondern db9."
        ),
        (
            "Nein, danke.|Nein, die Tests sind jetzt grün.|Nein, das war alles.|Falsch verbunden."
            "|Nicht dringend, aber die Platte ist voll.|Moment, ich hole Kaffee.|Nein, noch nicht."
        ),
    ),
    "La base de test tourne sur db7.": (
        (
            "Non, db9.|Pardon, db9, pas db7|Je voulais dire db9|Correction : c'est db9"
            "|La base de test tourne sur db9, pas sur db7.|En fait, c'est db9|Pas db7, mais db9."
        ),
        (
            "Non, merci.|Non, les tests sont verts maintenant.|Non, c'est tout.|Pas encore."
            "|Désolé, j'étais absent.|Erreur 500 sur la page."
        ),
    ),
    "La base de pruebas corre en db7.": (
        (
            "No, db9.|Perdón, db9, no db7|Quise decir db9|Corrección: es db9|Me equivoqué, es db9"
            "|La base de pruebas corre en db9, no en db7.|En realidad es db9"
        ),
        (
            "No, gracias.|No, las pruebas ya están bien.|No, eso es todo.|Perdón, no estaba."
            "|No hace falta.|No sé qué es db9."
        ),
    ),
    "测试数据库在db7上。": (
        "不对，是db9|不，db9|更正：db9|说错了，是db9|是db9，不是db7|测试数据库在db9上，不是db7。|应该是db9",
        (
            "不，谢谢。|不用了。|不对，测试已经通过了。|抱歉，我刚才不在。|其实我想先吃饭。|等等，我去拿咖啡。"
            "|不是什么大问题。|不对劲，页面打不开。"
        ),
    ),
    "テスト用のDBはdb7です。": (
        "いいえ、db9です|訂正：db9です|すみません、db9です|db7ではなくdb9です|正しくはdb9です",
        "いいえ、結構です。|すみません、席を外していました。|テストは通りました。",
    ),
    "The reviewer is Peter.": ("No, Anna.|no, anna|I meant Anna|Wrong, it's Anna.", "No, later."),
    "The release is on Monday.": (
        "No, on Friday.|Sorry, the release is on Friday.|The release is on Friday, not Monday.",
        "The report is due on Friday, not Thursday.|No, it's fine.",
    ),
    "The button is red.": ("No, blue.|No, the button is blue.", "No, the tests are red."),
}


@each(("fact", "texts"), [*PUT_RIGHT.items()])
def test_a_statement_is_put_right_by_what_says_so_and_by_nothing_that_only_looks_like_it(
    fact, texts
):
    for expected, group in zip(((0,), ()), texts, strict=True):
        for text in group.split("|"):
            *_, last = classify_messages(said((U, fact), (A, "Noted."), (U, text)))
            assert last.replies_to == expected, text
            if expected:
                assert last.message_class is MessageClass.STATEMENT, text


HOST = "The staging database runs on host db7."


@each(
    ("turns", "expected"),
    [
        ([(A, HOST), (U, "No, db9.")], (0,)),
        ([(U, HOST), (A, "I have set db7 in config.py."), (U, "No, db9.")], (1, 0)),
        ([(U, HOST), (A, "Noted."), (U, "No, db9."), (A, "Ok."), (U, "Sorry, db10")], (2, 0)),
        ([(A, HOST), (U, "hm"), (A, "I was wrong: it runs on db9.")], (0,)),
        ([(U, "Set up staging."), (A, "Done, it is on db7."), (U, "No, db9.")], (1,)),
        ([(U, HOST), (A, "Which port?"), (U, "Sorry, I meant db9")], (1, 0)),
        ([(U, HOST), (A, "Noted. Is the replica on db8?"), (U, "No, db9.")], (1,)),
        ([(U, HOST), (A, "Noted. Are the tests red?"), (U, "No, they are green.")], (1,)),
        ([(U, HOST), (A, "Actually, config.py says db9.")], ()),
        ([(U, HOST), (A, "Ok."), (U, "Peter reviews it."), (A, "Ok."), (U, "No, db9.")], (0,)),
        ([(U, HOST), (A, "Ok."), (U, "Peter reviews it."), (A, "Ok."), (U, "No, Anna.")], (2,)),
        ([(U, "Peter reviews."), (A, "Ok."), (U, "Why so late?"), (U, "No, Anna.")], ()),
    ],
)
def test_what_is_put_right_is_the_statement_that_it_is_about(turns, expected):
    assert classify_messages(said(*turns))[-1].replies_to == expected


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
    assert classify_messages(said(*turns))[-1].message_class is expected


def seconds(text):
    """Measure the processor's time of a class for a text, the best of three."""
    spent = []
    for _ in range(3):
        began = time.thread_time()
        for _ in range(20):
            classify_messages(said((U, "why?"), (A, text)))
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
