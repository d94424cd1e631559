"""What a session is told to be open, decided or stated holds as far as the sessions before tell."""

# ruff: noqa: RUF001 - CJK marks

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from sage.retrieval.context.tokens import count_tokens_upper_bound
from tests.support import plain_http
from tests.support.serving import serving, settings_for

VAIN = "I don't know; I could not find that in the repository."


@pytest.fixture
def start(postgres_dsn, tmp_path):
    """Return the lines that a new session begins with after others of a project of its own."""
    with serving(settings_for(postgres_dsn, tmp_path / "data")) as url:

        def begin(*sessions):
            project, at = f"/src/{uuid4().hex}", datetime.now(UTC) - timedelta(days=1)
            for session in sessions:
                name = f"rest:{uuid4()}"
                for prompt, answer in session:
                    at += timedelta(minutes=1)
                    body = {"session_id": name, "metadata": {"project": project}}
                    body |= {"user_prompt": prompt, "assistant_response": answer}
                    body |= {"created_at": at.isoformat()}
                    _post(url, "conversations", body)
            body = {"client": "codex", "event": "start", "session": uuid4().hex}
            text = _post(url, "hooks/recall", body | {"project": project})["text"]
            assert count_tokens_upper_bound(text) <= 1_500
            return text

        yield begin


def _post(url, route, body):
    return plain_http.post(f"{url}/api/v1/{route}", json=body).raise_for_status().json()


def noted(*texts):
    return [(text, "Noted.") for text in texts]


def vain(*texts):
    return [(text, VAIN) for text in texts]


WORK = [("Rename the staging host.", "Renamed in three files, and in the docs."), ("Push.", "Ok.")]


def test_a_question_that_was_answered_since_is_left_open_no_longer(start):
    for question, answer in (
        ("Which region are we deployed in?", "We deploy to eu-central-1."),
        ("谁负责前端？", "前端由王芳负责。"),
        ("我们部署在哪个区域？", "我们部署在 eu-central-1。"),
        ("Which VPN do we use?", "The VPN is WireGuard on vpn2."),
        ("Which queue does heron read from?", "Heron takes its jobs from jobs.mail.out."),
        ("前端的端口是多少？", "8080端口就是前端。"),
    ):
        for said in (
            [[*vain(question), *WORK, *noted(answer)]],
            [[*vain(question), *WORK], noted(answer)],
        ):
            told = start(*said)
            assert (question in told, answer in told) == (False, True), question
    for question, other in (
        ("Who audits the log of the payments?", "The log of the payments is kept for a year."),
        ("Which region does heron use?", "Heron is slow."),
        ("Which database do we use?", "We use Kafka for events."),
        ("前端的端口是多少？", "后端的端口是 8080。"),
        ("Which port does heron listen on?", "Heron is kept on 3.11."),
        ("How long is data of heron kept?", "Data of egret is kept for 30 days."),
        ("Which alerts does the exporter have?", "Add alerts for the exporter."),
        ("Which port does pelican use?", "The wiki has moved to wiki2."),
    ):
        assert f"left open user: {question}" in start([*vain(question), *WORK, *noted(other)])


def test_a_question_is_left_open_that_was_answered_with_a_proposal_until_it_is_decided(start):
    question = "What shall we do about the archive table?"
    session = [*WORK, (question, "We can partition it by month. Shall I?")]
    told = start(session)
    assert f"left open user: {question}" in told
    assert "partition it by month" in told
    decided = ("yes please", "Partitioned the archive table by month.")
    assert "left open" not in start([*session, decided])


def test_a_question_that_was_asked_again_is_told_once(start):
    question = "Which region are we deployed in?"
    told = start([*vain(question), *WORK, *vain(question), *WORK], [*vain(question), *WORK])
    assert told.count(question) == 1
    assert f"left open user: {question}" in told


def test_a_decision_is_told_until_a_statement_replaces_it(start):
    decision = "We decided to use NATS for the events between services."
    for change in (
        "From now on we use RabbitMQ instead of NATS.",
        "The events run over RabbitMQ now, no longer NATS.",
        "NATS 换成 RabbitMQ 了。",
    ):
        told = start(noted(decision), noted(change, "The wiki is on wiki2."), WORK)
        assert decision not in told, change
    assert decision in start(noted(decision), noted("We use Redis instead of memcached."), WORK)


def test_a_correction_is_told_with_what_it_corrects_and_once(start):
    for wrong, right in (
        ("The nightly job takes 40 minutes.", "Sorry, I meant 14 minutes."),
        ("周会在周四上午。", "更正：周三下午两点。"),
    ):
        for last in ([], WORK):
            told = start([*WORK, *noted(wrong, right), *last])
            assert told.count(right) == 1, told
            (line,) = [n for n, one in enumerate(told.splitlines()) if right in one]
            assert wrong in told.splitlines()[line - 1], told
            assert "corrected" in told.splitlines()[line]


def test_room_that_is_left_tells_what_was_stated_in_the_last_two_sessions(start):
    facts = ["The database runs on db7.", "Staging is staging-2.example."]
    facts += ["The bucket is called otter-artifacts.", "监控面板的地址是 grafana.example。"]
    task = ("The exporter hangs again", "Fixed: it reconnects now.")
    told = start(
        noted("The old host was marmot-1."),
        [*WORK, *noted(*facts[:2]), task, *WORK],
        [*WORK, *noted(*facts[2:], facts[0]), *WORK],
    )
    assert [told.count(fact) for fact in facts] == [1] * 4
    assert "marmot-1" not in told
    assert told.index(facts[1]) < told.index(facts[2])
    many = [f"The service number {n} listens on port {9000 + n}." for n in range(18)]
    long = [(f"Describe part {n}.", f"Part {n} is long. " * 60) for n in range(9)]
    told = start([*noted(*many[:9]), *long], [*noted(*many[9:]), *long])
    assert many[17] in told


def quoted(told):
    """Return the ids of the memories in a text, in order."""
    return re.findall(r"^\[(\w+)\] ", told, re.MULTILINE)


@pytest.mark.parametrize(
    "statement", ["We decided to use RabbitMQ for the mailer.", "I prefer short answers."]
)
def test_a_memory_is_quoted_once_with_what_it_states(start, statement):
    fact = "The wiki has moved to wiki2."
    for sessions in (
        [[*WORK, (f"{statement} {fact}", "Noted."), *WORK, *WORK]],
        [[(f"{statement} {fact}", "Noted."), *WORK], [*WORK, *WORK]],
        [[*WORK, *WORK, (f"Rename the queue. {statement} {fact}", "Renamed in three files.")]],
        [[*WORK, (f"{'Rename the queue. ' * 30}{statement}", f"Renamed. {fact}")]],
    ):
        told = start(*sessions)
        ids = quoted(told)
        assert len({*ids}) == len(ids), told
        label = "preference" if statement.startswith("I ") else "decision"
        (line,) = [one for one in told.splitlines() if statement in one]
        assert f", {label}" in line
        assert told.count(fact) == 1, told


@pytest.mark.parametrize("before", ["", f"Built. {'It is tested. ' * 60}"])
def test_an_answer_is_quoted_once_and_decides_nothing(start, before):
    answer = f"{before}We decided to use RabbitMQ for the mailer. The wiki has moved to wiki2."
    told = start([*WORK, ("Which broker do we take for the mailer?", answer)])
    ids = quoted(told)
    assert len({*ids}) == len(ids), told
    assert "We decided" in told or before
    assert ", decision" not in told


def test_a_sentence_that_is_a_preference_and_a_decision_is_quoted_once(start):
    for sentence in ("Use pnpm instead of npm, always.", "以后都用中文回答。"):
        told = start(noted(sentence), WORK, WORK)
        assert told.count(sentence) == 1
        assert f", preference user: {sentence}" in told


def test_the_room_of_what_is_quoted_once_is_for_other_memories(start):
    decided = [
        f"We decided to use broker {n} for the queue {n}. {f'Queue {n} carries mail. ' * 12}"
        for n in range(5)
    ]
    facts = [f"The service number {n} listens on port {9000 + n}." for n in range(20)]
    told = start([*WORK, *noted(*facts, *decided), *WORK])
    ids = quoted(told)
    assert len({*ids}) == len(ids)
    assert [one for one in decided if one.strip() not in told] == []
    assert sum(fact in told for fact in facts) >= 5
