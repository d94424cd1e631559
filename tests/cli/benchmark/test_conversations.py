"""Conversations in the format of LoCoMo become messages and questions."""

import json
from datetime import UTC, datetime

import pytest

from sage.cli.benchmark.conversations import own_sets, read_set
from sage.domain.memories import Role
from sage.errors import InvalidInputError

SAMPLE = {
    "sample_id": "tea",
    "conversation": {
        "speaker_a": "Mei",
        "speaker_b": "assistant",
        "session_1_date_time": "1:56 pm on 8 May, 2023",
        "session_1": [
            {"speaker": "Mei", "dia_id": "D1:1", "text": "I like oolong."},
            {"speaker": "assistant", "dia_id": "D1:1", "text": "Noted.", "blip_caption": "a cup"},
        ],
        "session_10_date_time": "2023-05-09T08:00:00Z",
        "session_10": [{"speaker": "Mei", "dia_id": "D10:1", "text": "Or green tea."}],
    },
    "qa": [
        {"question": "Which tea?", "evidence": ["D1:1; D:10:1"], "category": 1},
        {"question": "Never said", "evidence": ["D1:1"], "category": 5},
        {"question": "Label is wrong", "evidence": ["D9:9"], "category": 4},
        {"question": "A kind of its own", "evidence": ["D01:01"], "category": "odd"},
    ],
}


@pytest.fixture
def read(tmp_path):
    def read(content):
        path = tmp_path / "talks.json"
        path.write_text(json.dumps(content))
        return read_set(path)

    return read


@pytest.fixture
def talk(read):
    (talk,) = read([SAMPLE]).conversations
    return talk


def test_turns_follow_each_other_in_time_from_the_date_of_their_session(talk):
    first, second = talk.sessions
    assert first[0].message.created_at == datetime(2023, 5, 8, 13, 56, tzinfo=UTC)
    assert first[0].message.created_at < first[1].message.created_at
    assert second[0].message.created_at == datetime(2023, 5, 9, 8, tzinfo=UTC)


def test_a_speaker_has_a_name_unless_it_is_a_role(talk):
    mei, assistant = (turn.message for turn in talk.sessions[0])
    assert (mei.role, mei.name) == (Role.USER, "Mei")
    assert (assistant.role, assistant.name) == (Role.ASSISTANT, None)
    assert talk.without_names().sessions[0][0].message.name is None


def test_a_caption_is_part_of_the_message(talk):
    assert talk.sessions[0][1].message.content == "Noted. [shares a cup]"


def test_questions_without_an_answering_turn_are_left_out(talk):
    assert talk.unanswerable == ("Never said",)
    assert [(q.text, q.category, q.evidence) for q in talk.questions] == [
        ("Which tea?", "multi-hop", {"D1:1", "D10:1"}),
        ("A kind of its own", "odd", {"D1:1"}),
    ]


@pytest.mark.parametrize("content", ["no list", [{}], {"conversation": {}}, [{"sample_id": 1}]])
def test_another_format_is_rejected_with_a_hint(read, content):
    with pytest.raises(InvalidInputError, match="cannot be read") as refused:
        read(content)
    assert "LoCoMo" in refused.value.hint


def test_the_evidence_of_the_built_in_sets_exists():
    for one in own_sets():
        for talk in one.conversations:
            labels = {turn.label for session in talk.sessions for turn in session}
            assert talk.questions
            assert all(question.evidence <= labels for question in talk.questions)
