"""What is worth telling of a session."""

# ruff: noqa: RUF001 - CJK marks

from datetime import UTC, datetime
from uuid import uuid4

from sage.domain.memories import MemoryRecord, Role
from sage.domain.message_class import MessageClass
from sage.domain.recall import SessionTurn
from sage.retrieval.recall.exchanges import (
    excerpt,
    exchanges_in,
    informative_others,
    select_exchanges,
    shortened,
)
from tests.support.each import each

CLASSES = {
    "?": MessageClass.QUESTION,
    "!": MessageClass.REQUEST,
    "~": MessageClass.NON_ANSWER,
    "#": MessageClass.PASTED,
}
TASK, FOUND = "!Find out why test_login is flaky", "<It shares a database with test_signup."


def turn(text):
    """Return a turn: what an assistant says begins with `<`, then may stand the mark of a class."""
    role = Role.ASSISTANT if text.startswith("<") else Role.USER
    said = text.removeprefix("<")
    kind = CLASSES.get(said[0], MessageClass.STATEMENT)
    content = said.removeprefix(said[0]) if kind is not MessageClass.STATEMENT else said
    memory = MemoryRecord(uuid4(), "s", role, None, content, datetime.now(UTC))
    return SessionTurn(memory, kind, is_answered=False, chars=len(content), ending=content[-600:])


def told(*texts, last=2):
    found = select_exchanges(exchanges_in([turn(text) for text in texts]), last)
    return [
        f"{'open: ' if is_open else ''}{one.memory.content}"
        for exchange in found
        for one, is_open in exchange.turns
    ]


def test_a_session_is_told_by_its_first_exchange_and_its_last_ones_with_the_last_text_of_each():
    tasks = [text for n in range(5) for text in (f"!Task {n}", f"<I look at {n}", f"<Found {n}")]
    expected = [text for n in (0, 3, 4) for text in (f"Task {n}", f"Found {n}")]
    assert told(*tasks) == expected
    assert told(*tasks, last=1) == ["Task 0", "Found 0", "Task 4", "Found 4"]


def test_the_last_task_is_told_however_many_facts_and_errands_follow_it():
    begun = ("!Add a filter", "<It filters by date.")
    after = ("The port is 9443", "<Noted.", "We ship on Friday", "<Noted.", "!push it", "<Pushed.")
    report = "<Done for test_login, see the file conftest.py."
    for task, found in (
        (TASK, FOUND),
        ("test_login is flaky, please fix it", FOUND),
        ("That test_login is never the same", report),
        ("?Can you see why test_login is flaky?", "<I fixed it: both tests wrote the same row."),
    ):
        ending = ["We ship on Friday", "push it"]
        expected = [begun[0][1:], begun[1][1:], task.lstrip("!?"), found[1:], *ending]
        assert told(*begun, task, found, *after) == expected, task


def test_what_was_looked_up_is_left_out_beside_work_and_told_where_there_was_none():
    look_up = ("?Which port does pelican use?", "<9443.")
    assert told(TASK, FOUND, *look_up) == [TASK[1:], FOUND[1:]]
    assert told(*look_up) == [look_up[0][1:], "9443."]
    put_right = (*look_up, "no, 9444", "<Right, 9444.")
    assert told(TASK, FOUND, *put_right) == [TASK[1:], FOUND[1:]]
    assert told(*put_right) == [look_up[0][1:], "no, 9444"]
    for why, found in (
        ("?How is test_login set up?", "<" + "Both tests write the same row. " * 8),
        ("?Why is test_login flaky?", "<A shared row."),
        ("?测试为什么不稳定?", "<两个测试写同一行。"),
    ):
        assert told(why, found, TASK, FOUND)[:1] == [why[1:]]


def test_what_was_asked_again_is_told_by_its_last_answer():
    asked = "?Why is test_login so slow?"
    said = (asked, "<It waits.", TASK, FOUND, asked, "<It writes a row.")
    assert told(*said) == [TASK[1:], FOUND[1:], asked[1:], "It writes a row."]
    assert told(asked, "<It waits.", asked, "<~I do not know.")[:2] == [asked[1:], "It waits."]


def test_what_other_exchanges_tell_something_is_told_the_latest_first():
    tasks = [
        text
        for n in range(5)
        for text in (f"!Task {n}", f"<Found {n} in the logs of the whole day")
    ]
    turns = [
        turn(text)
        for text in (*tasks[:4], "?Which port?", "<9443.", "!push it", "<Pushed.", *tasks[4:])
    ]
    exchanges = exchanges_in(turns)
    others = informative_others(exchanges, select_exchanges(exchanges, 1))
    assert [one.asked.memory.content for one in others] == ["Task 3", "Task 2", "Task 1"]


def test_an_answer_that_takes_note_of_what_was_stated_is_left_out_and_one_that_did_work_is_not():
    fact = "The broker is called pelican and listens on 9443"
    for note in ("Noted, pelican it is.", "Pelican on 9443.", "Ok, thanks for that.", "记下了。"):
        assert told(fact, f"<{note}") == [fact], note
    for done in ("Ok, fixed: it reconnects now.", "好的，端口已改。"):
        assert told(fact, f"<{done}") == [fact, done], done


def test_a_prompt_that_only_says_to_go_on_is_told_by_what_came_of_it():
    said = told(TASK, f"{FOUND} Shall I fix it?", "yes please", "<Each has a database of its own.")
    assert said == [TASK[1:], f"{FOUND[1:]} Shall I fix it?", "Each has a database of its own."]


def test_a_task_is_open_while_nothing_answers_it_at_the_end():
    assert told(TASK) == [f"open: {TASK[1:]}"]
    assert told(TASK, "<~I do not know.") == [f"open: {TASK[1:]}"]
    assert told(TASK, "<~I do not know.", "!Rename it", "<Renamed.")[:1] == [TASK[1:]]


@each(
    "remark",
    (
        *(
            "Let me read CHANGELOG.md.",
            "Ok, checking the logs.",
            "The tests share it. I'll split them.",
        ),
        *(
            "Step 4: now I will look at file 4.",
            "Ich schaue mir zuerst die Tests an.",
            "我先看看日志。",
        ),
        *("Je vais lire le fichier.", "Voy a revisar los tests."),
    ),
)
def test_a_task_is_open_whose_turn_ends_with_what_the_agent_was_about_to_do(remark):
    assert told(TASK, FOUND, "!Write the changelog", f"<{remark}")[2:] == [
        "open: Write the changelog"
    ]


@each(
    "answer",
    (
        *("Let me know if it fails again.", "Once you agree I'll run the tests.", "I read it all."),
        *("Renamed in three files.", "我更新了文档。"),
    ),
)
def test_what_is_done_or_offered_is_what_was_found(answer):
    assert told(TASK, f"<{answer}") == [TASK[1:], answer]


def test_a_question_that_was_never_answered_is_open_wherever_it_stands_and_so_is_one_asked_back():
    asked = "?Which port does pelican use?"
    ending = (TASK, FOUND)
    assert told(asked, "<~I could not find that.", *ending)[:1] == [f"open: {asked[1:]}"]
    assert told(TASK, "<?Should I check the logs?") == [
        f"open: {TASK[1:]}",
        "Should I check the logs?",
    ]


@each(
    ("asked", "answer"),
    (
        ("?What shall we do about the archive?", "We can partition it by month. Shall I?"),
        ("?What shall we do about the archive?", "I'd partition it by month."),
        ("?Should we keep the archive?", "By month or by year?"),
        ("?How big is the archive table?", "It is huge. We can partition it. Shall I?"),
        ("?Was machen wir mit dem Archiv?", "Wir könnten es nach Monaten teilen. Soll ich?"),
        ("?归档表怎么办？", "可以按月分区。要我做吗？"),
        ("?Que faire de l'archive ?", "On peut la diviser par mois."),
        ("!Find a way to shrink the archive", "We could partition it by month. Shall I?"),
        ("?Which table is largest?", "?In which database?"),
    ),
)
def test_what_ends_with_a_proposal_or_a_question_of_the_agent_is_open(asked, answer):
    expected = [f"open: {asked[1:]}", answer.lstrip("?")]
    assert told(TASK, FOUND, asked, f"<{answer}")[2:] == expected
    assert told(asked, f"<{answer}", TASK, FOUND)[0] != expected[0]


@each(
    ("asked", "answer"),
    (
        ("?Which port does pelican use?", "9443. We can change it. Shall I?"),
        ("?Which port does pelican use?", "9443. Anything else?"),
        ("?What does the exporter write?", "It writes CSV. Would you like to see one?"),
        ("?Should we keep the archive?", "Yes, keep it."),
        ("?How can I run the tests?", "You can run pytest."),
        ("!Fix test_login", "Fixed: each has a database of its own. Shall I push it?"),
        ("?Should we rename it?", "Renamed in three files. You can run the tests now."),
    ),
)
def test_what_was_answered_or_done_is_not_open_whatever_is_offered_then(asked, answer):
    assert f"open: {asked[1:]}" not in told(TASK, FOUND, asked, f"<{answer}")


def test_a_task_that_names_a_figure_is_open_and_a_fact_is_not():
    assert told(TASK, FOUND, "Bump the version to 2.1.")[-1] == "open: Bump the version to 2.1."
    assert told(TASK, FOUND, "The port is 9443.")[-1] == "The port is 9443."


def test_a_long_text_is_told_by_its_beginning_and_what_was_pasted_by_both_ends():
    assert shortened("word " * 200).endswith("word…")
    assert len(shortened("字" * 600)) < 300
    pasted = excerpt(turn("#What is wrong?\n" + "ERROR lost its lease\n" * 500 + "Tell me."))
    assert "ERROR" not in pasted
    assert "\n" not in excerpt(turn("#Look:\nERROR lost its lease\nERROR stopped"))
    assert pasted.startswith("What is wrong?")
    assert pasted.endswith("Tell me.")
    assert "characters …]" in pasted
    assert len(pasted) < 500
