# ruff: noqa: RUF001 - other scripts are what is tested
from __future__ import annotations

from sage.domain.memories import Role
from sage.domain.message_class import MessageClass
from sage.retrieval.message_classes.classification import UnclassifiedMessage, classify_messages
from sage.retrieval.query.introductions import without_introductions
from tests.support.each import each
from tests.support.labelled_messages import no_questions, no_tasks, tasks, unmarked_questions


def class_of(text):
    return classify_messages([UnclassifiedMessage(Role.USER, text)])[0].message_class


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


def test_tasks_are_known_by_the_form_of_the_imperative():
    found = [text for text in tasks() if class_of(text) is MessageClass.REQUEST]
    assert len(tasks()) >= 130
    assert len(found) >= 0.9 * len(tasks()), {*tasks()} - {*found}


def test_rules_recipes_and_sentences_without_a_subject_are_no_tasks():
    wrong = [text for text in no_tasks() if class_of(text) is not MessageClass.STATEMENT]
    assert len(no_tasks()) >= 70
    assert not wrong


@each(
    "reply", ["Noted.", "Got it, I'll remember that.", "好的，记下了。", "Notiert.", "C'est noté."]
)
def test_what_somebody_notes_was_told_and_is_no_task(reply):
    told, _ = classify_messages(
        [
            UnclassifiedMessage(Role.USER, "Ship the parcels with DHL."),
            UnclassifiedMessage(Role.ASSISTANT, reply),
        ]
    )
    assert told.message_class is MessageClass.STATEMENT
    task, report = classify_messages(
        [
            UnclassifiedMessage(Role.USER, "Ship the parcels with DHL."),
            UnclassifiedMessage(Role.ASSISTANT, "Done, all shipped."),
        ]
    )
    assert (task.message_class, report.replies_to) == (MessageClass.REQUEST, (0,))


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
