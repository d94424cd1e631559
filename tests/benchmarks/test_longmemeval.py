"""LongMemEval is read as published, and measured by turn and by session."""

import json
from datetime import UTC, datetime

import pytest

from benchmarks.longmemeval.measure import Ranking
from benchmarks.longmemeval.reading import count_questions, read_questions
from sage.domain.memories import Role
from sage.errors import InvalidInputError
from tests.support.embedders import BagOfWordsEmbedder


def instance(question_id, category="single-session-user", tea="oolong"):
    """Return a question about a tea, with a history of two sessions."""
    return {
        "question_id": question_id,
        "question_type": category,
        "question": "Which tea does Mei like?",
        "answer": tea,
        "question_date": "2023/06/01 (Thu) 08:00",
        "haystack_session_ids": ["chat_1", "answer_1"],
        "haystack_dates": ["2023/05/20 (Sat) 02:21", "2023/05/30 (Tue) 23:40"],
        "haystack_sessions": [
            [
                {"role": "user", "content": "How tall is the tower?"},
                {"role": "assistant", "content": "It is 300 metres tall."},
            ],
            [
                {"role": "user", "content": f"I like {tea} tea.", "has_answer": True},
                {"role": "assistant", "content": "Noted.", "has_answer": False},
            ],
        ],
        "answer_session_ids": ["answer_1"],
    }


@pytest.fixture
def write(tmp_path):
    def write(content, **options):
        path = tmp_path / "longmemeval_s.json"
        path.write_text(json.dumps(content, **options))
        return path

    return write


def test_sessions_are_read_with_their_dates_and_answers(write):
    (question,) = read_questions(write([instance("q1")]))
    chat, answer = question.sessions
    assert (question.text, question.category) == ("Which tea does Mei like?", "single-session-user")
    assert question.has_answer
    assert (chat.is_evidence, chat.answering) == (False, frozenset())
    assert (answer.is_evidence, answer.answering) == (True, {0})
    assert answer.messages[0].role is Role.USER
    assert answer.messages[0].created_at == datetime(2023, 5, 30, 23, 40, tzinfo=UTC)
    assert answer.messages[0].created_at < answer.messages[1].created_at


def test_an_unanswerable_question_is_recognized_by_its_id(write):
    (question,) = read_questions(write([instance("q1_abs")]))
    assert not question.has_answer


def test_a_turn_without_text_is_left_out(write):
    one = instance("q1")
    one["haystack_sessions"][1].insert(0, {"role": "user", "content": " "})
    (question,) = read_questions(write([one]))
    assert question.sessions[1].answering == {0}


@pytest.mark.parametrize("indent", [None, 2])
def test_quoted_questions_are_not_counted(write, indent):
    one = instance("q1")
    one["question"] = 'What is "question_id"?'
    path = write([one, instance("q2")], indent=indent)
    assert count_questions(path) == 2
    assert len(list(read_questions(path))) == 2
    assert len(list(read_questions(path, 1))) == 1


@pytest.mark.parametrize("content", [[{"question_id": "q1"}], {"question_id": 1}, ["question_id"]])
def test_another_format_is_rejected_with_a_hint(write, content):
    with pytest.raises(InvalidInputError, match="cannot be read") as refused:
        list(read_questions(write(content)))
    assert "LongMemEval" in refused.value.hint


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"haystack_sessions": None}, "another structure"),
        ({"haystack_dates": []}, "the numbers of its sessions, ids and dates differ"),
        ({"haystack_dates": ["yesterday"]}, "yesterday"),
        ({"haystack_sessions": [[{"role": "human", "content": "x"}]]}, "human"),
        ({"haystack_sessions": [[{"role": "user", "content": "x\0"}]]}, "NUL"),
        ({"question": 5}, "must be a string"),
    ],
)
def test_a_record_that_cannot_be_read_is_reported_with_the_reason(write, change, reason):
    one = instance("q") | {"haystack_session_ids": ["s"]}
    one |= {"haystack_dates": ["2023/05/20 (Sat) 02:21"]}
    one |= {"haystack_sessions": [[{"role": "user", "content": "x"}]]}
    records = read_questions(write([one, one | change]))
    assert next(records).has_answer
    with pytest.raises(InvalidInputError, match=rf"record 2: .*{reason}"):
        next(records)


def test_a_ranking_is_scored_as_by_the_authors_of_the_benchmark():
    ranking = Ranking((False, True, False, True, False, False), relevant=3)
    assert (ranking.recall_any(1), ranking.recall_any(5), ranking.recall_all(5)) == (0, 1, 0)
    # Their discounts: 1, 1, 1/log2(3), 1/log2(4); the best order would gain 1 + 1 + 1/log2(3).
    assert ranking.ndcg(5) == pytest.approx((1 + 1 / 2) / (1 + 1 + 0.63093), abs=1e-5)
    assert Ranking((True,), relevant=1).recall_all(1) == 1


def test_longmemeval_is_measured_by_turn_and_by_session(bench, monkeypatch, tmp_path):
    monkeypatch.setattr("sage.bootstrap.open_embedder", lambda _settings: BagOfWordsEmbedder())
    data = tmp_path / "longmemeval_oracle.json"
    kinds = ("single-session-user", "knowledge-update")
    data.write_text(
        json.dumps([*(instance(f"q{kind}", kind) for kind in kinds), instance("q_abs")])
    )
    code, out, err = bench("longmemeval", "--data", data, "--json", tmp_path / "bench.json")
    assert code == 0, err
    (found,) = json.loads((tmp_path / "bench.json").read_text())["longmemeval"]
    assert (found["name"], found["messages"]) == ("longmemeval_oracle", 12)
    assert (found["abstention"]["unanswerable"], found["abstention"]["answerable"]) == (1, 2)
    for unit in ("turns", "sessions"):
        assert {name: one["questions"] for name, one in found[unit].items()} == {
            "all": 2,
            **dict.fromkeys(kinds, 1),
        }
        assert found[unit]["all"]["recall_any_at_5"] == 1
    heads = [line for line in out.splitlines() if "nDCG@10" in line]
    assert [line.split()[0] for line in heads] == ["turns", "sessions"]
    assert "unanswerable" in out
    _, first, _ = bench("longmemeval", "--data", data, "--questions", "1", "--json")
    assert json.loads(first)["longmemeval"][0]["turns"].keys() == {"all", kinds[0]}
