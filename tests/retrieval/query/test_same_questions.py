"""The same question about something else is told from one in other words."""

# ruff: noqa: RUF001 - other scripts are what is tested
from __future__ import annotations

from sage.retrieval.query.same_questions import subject_replaced
from tests.support.each import each


@each(
    ("question", "query", "subject"),
    [
        ("Which port does heron use?", "Which port does pelican use?", "pelican"),
        ("Which port does the scanner use?", "Which port do the old meters use?", "old meters"),
        ("How much is the room each month?", "How much is the boat each month?", "boat"),
        ("Tell me who reviews what Ingrid writes", "Tell me who reviews what Ben writes", "Ben"),
        ("When does 9443 close?", "When does 9444 close?", "9444"),
        ("仓库扫描枪通过哪个端口连接网关？", "停车收费表通过哪个端口连接网关", "停车收费表"),
        ("倉庫掃描槍的端口", "停车收费表的端口", "停车收费表"),
        ("张伟住在哪里", "张强住在哪里", "强"),
        ("Magpie多久不能发布", "Dragonfly多久不能发布", "Dragonfly"),
        ("Wann wird die Pumpe gewartet?", "Wann wird der Kran gewartet?", "Kran"),
        ("¿Cuándo vence el seguro?", "¿Cuándo vence el contrato?", "contrato"),
        ("Какой порт у pelican?", "Какой порт у heron?", "heron"),
    ],
)
def test_the_part_that_another_question_has_replaced_is_found(question, query, subject):
    assert subject_replaced(question, query) == subject


@each(
    ("question", "query"),
    [
        ("Which port does pelican use?", "Which port does pelican use?"),
        ("Which ports did pelican use", "Over which port does the pelican talk?"),
        ("Which port does pelican use?", "which port is pelican on"),
        ("What is the rent for the room?", "How much do we pay for the room each month?"),
        ("Which port is it?", "Which port does pelican use?"),
        ("Which port does pelican use behind the proxy?", "Which port does pelican use?"),
        ("Who is Anna?", "Who is Ben?"),
        ("停车收费表通过哪个端口连接网关？", "请问停车收费表通过什么端口连接网关"),
        ("门面的租金是多少", "我们每个月为门面付多少钱"),
        ("Which port? " + "pelican " * 300, "Which port? " + "heron " * 300),
    ],
)
def test_other_words_for_the_same_replace_no_subject(question, query):
    assert subject_replaced(question, query) is None
