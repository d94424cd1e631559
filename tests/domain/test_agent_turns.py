from sage.domain.agent_turns import SessionMessage, remarks_among
from sage.domain.memories import Role
from tests.support.each import each

_ROLES = {"u": Role.USER, "a": Role.ASSISTANT}


def said(text):
    """Return messages of "u1 a1 a1": who speaks, and in which turn; without a number in none."""
    return [
        SessionMessage(
            _ROLES[word[0]], {"source": "codex"} | ({"turn": word[1:]} if word[1:] else {})
        )
        for word in text.split()
    ]


@each(
    ("session", "remarks"),
    [
        ("", ""),
        ("u1 a1 a1 a1", ".xx."),
        ("u1 a1 u2 a2", "...."),
        ("u1 a1 a2 a2", "..x."),  # the second prompt was a command, which is not kept
        ("u1 a1 u1 a1", ".x.."),  # the user wrote while the agent was at work
        ("u a a u a a a", ".x..xx."),
        ("a a1", ".."),
    ],
)
def test_a_remark_is_what_an_agent_says_before_the_last_text_of_its_turn(session, remarks):
    assert remarks_among(said(session)) == [mark == "x" for mark in remarks]


def test_parts_of_one_answer_are_no_remarks_and_parts_of_a_remark_are():
    part = {"source": "codex", "turn": "1", "parts": 2}
    first, last = (SessionMessage(Role.ASSISTANT, part | {"part": number}) for number in (1, 2))
    assert remarks_among([first, last]) == [False, False]
    assert remarks_among([first, last, *said("a1")]) == [True, True, False]


def test_what_no_agent_said_is_never_a_remark():
    saved = SessionMessage(Role.ASSISTANT, {"source": "chatgpt", "turn": "1"})
    assert (
        remarks_among([saved, saved, SessionMessage(Role.ASSISTANT, {}), *said("a1")])
        == [False] * 4
    )
