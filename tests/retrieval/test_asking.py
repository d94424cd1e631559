# ruff: noqa: RUF001 - other scripts are what is tested
from __future__ import annotations

from sage.domain.memories import Role
from sage.domain.message_class import MessageClass
from sage.retrieval.message_classes.classing import Turn, classes_of
from sage.retrieval.message_classes.introductions import without_introductions
from tests.support.each import each
from tests.support.labelled_messages import no_questions, unmarked_questions


def class_of(text):
    return classes_of([Turn(Role.USER, text)])[0].message_class


def test_questions_ask_without_a_mark_and_behind_an_introduction():
    questions = unmarked_questions()
    missed = [text for text in questions if not class_of(text).asks]
    assert len(questions) >= 120
    assert len(missed) <= 0.05 * len(questions), missed


def test_what_begins_as_questions_do_and_goes_on_to_tell_is_a_statement():
    statements = no_questions()
    wrong = [text for text in statements if class_of(text) is not MessageClass.STATEMENT]
    assert len(statements) >= 190
    assert len(wrong) <= 0.011 * len(statements), wrong


@each(
    ("text", "asks"),
    [
        ("I'm about to order parts. Which supplier sells the sprockets?", True),
        ("Before I deploy: which machine hosts the staging DB?", True),
        ("While you're at it: which port does redis use?", True),
        ("I forgot, which vlan is the camera on?", True),
        ("I forgot which vlan we use", True),
        ("Quick question. What vlan are the cameras on", True),
        ("I forgot the port of redis. Which one is it?", True),
        ("部署之前问一下，预发布数据库在哪台主机上？", True),
        ("We moved to Hetzner. Which port is it?", False),
        ("Before we moved to Hetzner, which port was it?", False),
        ("Since the move, which port is used?", False),
        ("Before I deploy to db7, which flag was it?", False),
        ("We never used redis, which port is it?", False),
        ("For the lab, who is away, order two", False),
        ("I need it for the firewall. What port is redis on?", False),
        ("上周换了供应商，现在齿轮的供应商是哪家？", False),
    ],
)
def test_an_introduction_that_tells_something_is_a_statement(text, asks):
    assert class_of(text).asks is asks


@each(
    ("text", "expected"),
    [
        ("Before I deploy, which machine is it?", "which machine is it?"),
        ("I'm about to order parts. Which supplier?", "Which supplier?"),
        ("Quick question. I forgot, what vlan is it", "what vlan is it"),
        ("部署之前问一下，在哪台主机上？", "在哪台主机上？"),
        ("デプロイの前に、どこですか", "どこですか"),
        ("Which port is it? And which host?", "Which port is it? And which host?"),
        ("We moved to Graz. Which port is it?", "We moved to Graz. Which port is it?"),
        ("Before lunch.", "Before lunch."),
    ],
)
def test_a_question_is_compared_without_what_introduces_it(text, expected):
    assert without_introductions(text) == expected
