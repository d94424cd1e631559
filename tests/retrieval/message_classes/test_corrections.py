# ruff: noqa: RUF001 - other scripts are what is tested
from __future__ import annotations

from sage.domain.memories import Role
from sage.retrieval.message_classes.classification import UnclassifiedMessage, classify_messages
from tests.support.each import each

U, A = Role.USER, Role.ASSISTANT
HOST = "The staging host is called oak."
DAY = "The release branch is cut on Thursday."
CORES = "The build box has 16 cores."
ON_CALL = "这周值班的是周波。"
PORT = [(U, "Which port does redis use?"), (A, "Redis uses port 6379.")]
YES = [(U, "Is that enough?"), (A, "Yes.")]
TIME = [(U, "现在几点？"), (A, "三点。")]


def corrected_by_last(*turns):
    return classify_messages([UnclassifiedMessage(role, text) for role, text in turns])[
        -1
    ].replies_to


@each(
    "text",
    [
        *("oops, elm", "Strike that: larch.", "That's wrong, it is yew.", "My mistake, elm"),
        *("I stand corrected: elm", "Scratch that, it's called elm", "Actually it's called sedge."),
    ],
)
def test_a_name_is_put_right_right_after_it(text):
    assert corrected_by_last((U, HOST), (A, "Noted."), (U, text)) == (0,)


@each(
    ("fact", "text"),
    [
        (HOST, "Sorry, I meant moss."),
        (HOST, "Actually it's called sedge."),
        (HOST, "Scratch that, it's wren2."),
        ("The build host is wren1.", "Scratch that, it's wren2."),
        (ON_CALL, "不对，是周涛。"),
        (ON_CALL, "更正：是陈刚。"),
        (ON_CALL, "抱歉说错了，是李娜。"),
        ("The reviewer is Peter.", "No, Anna."),
        (DAY, "Sorry, I meant Friday."),
        (DAY, "No, on Friday."),
        ("Der Server heißt Birke.", "Ich meinte Erle."),
        ("Le serveur s'appelle orme.", "Je voulais dire hêtre."),
    ],
)
def test_a_statement_is_put_right_after_an_exchange_about_something_else(fact, text):
    for exchange in (PORT, YES, TIME):
        assert corrected_by_last((U, fact), (A, "Noted."), *exchange, (U, text)) == (0,), exchange


@each(
    ("fact", "text"),
    [
        (HOST, "Sorry, I meant to ask which port."),
        (HOST, "Oops, coffee break"),
        (HOST, "No, thanks."),
        (HOST, "No, later."),
        (HOST, "No, blue."),
        (HOST, "Actually it's fine."),
        (HOST, "I meant 45."),
        (DAY, "Sorry, I meant moss."),
        (CORES, "No, it's fine."),
        ("Tests run at night.", "Sorry, I meant moss."),
        ("The timeout is 30 s.", "No, 8 GB."),
        ("测试通过了。", "不对，是周涛。"),
        ("端口是9443。", "更正：是陈刚。"),
    ],
)
def test_what_is_of_another_kind_puts_nothing_right(fact, text):
    for exchange in ([(U, "Which port does redis use?"), (A, "It is up to you.")], YES):
        assert 0 not in corrected_by_last((U, fact), (A, "Noted."), *exchange, (U, text)), exchange


@each(
    ("turns", "expected"),
    [
        ([(U, CORES), (A, "Ok."), *YES, (U, "No, it has 8.")], (0,)),
        ([(U, CORES), (A, "Ok."), *PORT, (U, "No, 6380.")], (2, 3)),
        (
            [(U, HOST), (U, "The wiki is called fern."), *PORT, (U, "Sorry, I meant moss.")],
            (1,),
        ),
        (
            [
                (U, "Anna reviews it."),
                *PORT,
                (U, "Should I ask Ines?"),
                (A, "Yes."),
                (U, "I meant Bo"),
            ],
            (),
        ),
        (
            [
                *((U, DAY), (A, "Noted."), (U, "When is the release branch cut?")),
                *((A, "On Thursday."), (U, "Sorry, I was wrong: it's Friday.")),
            ],
            (3, 0),
        ),
        (
            [
                *((U, DAY), (A, "Noted."), (U, "When is the release branch cut?")),
                *((A, "On Thursday."), (U, "Sorry, the release branch is cut on Friday.")),
            ],
            (0, 3),
        ),
        (
            [(A, "The timeout is 30 s."), (U, "ok"), (A, "I have to correct myself: it is 45 s.")],
            (0,),
        ),
        (
            [
                *((U, "How big is the queue?"), (A, "The queue size is 512."), *PORT),
                (A, "I have to correct myself: the queue size is 2048."),
            ],
            (1,),
        ),
    ],
)
def test_the_nearest_of_its_kind_is_put_right_and_what_repeats_it(turns, expected):
    assert corrected_by_last(*turns) == expected


@each(
    "text",
    [
        *("No, make it shorter.", "No, in English please.", "I meant a limerick.", "No, at 11."),
        *("No wait, 11.", "Sorry, I meant the other file.", "I meant in French.", "我是说短一点。"),
    ],
)
def test_what_is_about_the_exchange_puts_no_statement_before_it_right(text):
    tasks = [(U, "Write a haiku about rain."), (A, "Soft rain on the roof")]
    for fact in (HOST, CORES, "Anna reviews the importer.", ON_CALL):
        for exchange in (tasks, YES):
            assert 0 not in corrected_by_last((U, fact), (A, "Noted."), *exchange, (U, text)), fact


def test_who_names_somebody_does_not_put_a_figure_right():
    turns = [(U, "端口是多少？"), (A, "9443"), (U, "不对，是周涛。")]
    assert corrected_by_last(*turns) == ()
    assert corrected_by_last(*turns[:2], (U, "不对，是9444。")) == (0, 1)
