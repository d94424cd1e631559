"""The tools from a shell, on the embedded Postgres and with the real model."""

import io
import json
import re
import secrets
from contextlib import redirect_stdout

import pytest
from jsonschema import Draft202012Validator

from sage.api.published_schema import answer_schema
from sage.cli.main import main
from sage.domain.gathering import ContextAnswer
from sage.domain.memories import ForgetReceipt, MemoryStats, SaveReceipt
from sage.domain.searching import SearchAnswer


def save_tea(data_dir, session):
    written = io.StringIO()
    with redirect_stdout(written):
        code = main(
            ["save", "Which tea does Mei like?", "Mei likes oolong tea.", "--session", session,
             "--created-at", "2026-05-08T13:56:00Z", "--metadata", '{"topic": "drinks"}',
             "--data-dir", str(data_dir), "--json"]
        )  # fmt: skip
    assert code == 0
    return session, json.loads(written.getvalue())["memory_ids"]


@pytest.fixture(scope="module")
def tea(data_dir):
    """Keep two messages that stay; give their session and their ids."""
    return save_tea(data_dir, "tea")


@pytest.fixture
def brief_tea(data_dir, session):
    """Keep two messages to be forgotten."""
    return save_tea(data_dir, session)


def assert_is(model, text):
    """Hold a JSON answer against the published schema: every field it asks for and no other."""
    answer, schema = json.loads(text), answer_schema(model)
    Draft202012Validator(schema).validate(answer)
    assert answer.keys() <= schema["properties"].keys()
    return answer


def test_save_answers_people_in_one_line(kept, session):
    outcome = kept("save", "Where is the key?", "Under the pot.", "--session", session)
    assert outcome.code == 0
    assert outcome.out == f"saved 2 memories in session {session}\n"


def test_saving_the_same_again_is_told_and_keeps_nothing(kept, session):
    kept("save", "Where is the key?", "Under the pot.", "--session", session)
    outcome = kept("save", "Where is the key?", "Under the pot.", "--session", session)
    assert outcome.code == 0
    assert outcome.out == f"already stored: 2 memories in session {session}\n"


def test_an_idempotency_key_with_another_body_fails(kept, session):
    key = secrets.token_hex(4)
    kept("save", "a tea", "b", "--session", session, "--idempotency-key", key)
    outcome = kept("save", "a coffee", "b", "--session", session, "--idempotency-key", key)
    assert outcome.code == 1
    assert "fix: " in outcome.err


def test_save_answers_machines_as_the_tool_does(kept, session):
    answer = assert_is(SaveReceipt, kept("save", "a", "b", "--session", session, "--json").out)
    assert len(answer["memory_ids"]) == 2
    assert answer["saved"] is True


def test_what_was_saved_can_be_found_by_meaning_when_save_is_over(kept, tea):
    session, _ = tea
    outcome = kept("search", "烏龍茶を好きな人", "--session", session, "--explain", "--json")
    signals = [hit["signals"] for hit in json.loads(outcome.out)["results"]]
    assert all(hit["meaning"] > 0.7 for hit in signals)
    assert len(signals) == 2


def test_search_answers_machines_as_the_tool_does(kept, tea):
    session, ids = tea
    outcome = kept("search", "oolong", "--session", session, "-n", 1, "--json")
    answer = assert_is(SearchAnswer, outcome.out)
    assert [hit["memory_id"] for hit in answer["results"]] == [ids[1]]


def test_searches_and_lists_take_the_same_options_for_how_many(kept, tea):
    session, _ = tea
    for option in ("-n", "--limit"):
        found = json.loads(kept("search", "tea", "--session", session, option, 1, "--json").out)
        assert len(found["results"]) == 1
        assert len(json.loads(kept("list", option, 1, "--json").out)["memories"]) == 1


def test_search_shows_people_score_time_speaker_and_text(kept, tea):
    session, ids = tea
    outcome = kept("search", "oolong", "--session", session, "-n", 1)
    head, text, place, empty = outcome.out.splitlines()
    score, who, when = head.split("  ")
    assert 0 <= float(score) <= 1
    assert who == "assistant"
    assert re.fullmatch(r"2026-05-08 13:56 UTC, \d+ days ago", when)
    assert text == "      Mei likes oolong tea."
    assert place == f"      session {session}  {ids[1][-8:]}"
    assert empty == ""
    assert outcome.err == ""


def test_an_outline_takes_one_line_of_a_long_message(kept, session):
    long = "The lamp is blue.\n" * 80 + "The kettle boils at noon.\n" + "The rug is red.\n" * 80
    kept("save", long, "Good.", "--session", session)
    asked = ("search", "when does the kettle boil", "--session", session, "-n", 1, "--json")
    content = json.loads(kept(*asked, "--outline").out)["results"][0]["content"]
    assert "The kettle boils at noon." in content
    assert "\n" not in content
    assert len(content) < 200
    assert json.loads(kept(*asked).out)["results"][0]["content"] == long


def test_search_explains_scores_when_asked(kept, tea):
    session, _ = tea
    asked = ("search", "oolong", "--session", session, "-n", 1)
    explained = kept(*asked, "--explain")
    *rest, signals, made_of, empty = explained.out.splitlines()
    assert [*rest, empty] == kept(*asked).out.splitlines()
    assert re.search(r"  score 0\.\d+  meaning 0\.\d+", signals)
    assert re.search(r"  score    .*words [+-]\d+\.\d\d", made_of)
    assert re.search(r"2 memories compared; milliseconds: .*rank \d", explained.err)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (("--role", "assistant"), 1),
        (("--after", "2026-05-08T13:56:00Z"), 2),
        (("--after", "2026-05-09"), 0),
        (("--before", "2026-05-08T13:56:00Z"), 0),
        (("--before", "2026-05-09"), 2),
        (("--after", "yesterday"), 0),
        (("--before", "昨天"), 2),
        (("--after", "8 May 2026", "--before", "last week"), 2),
        (("--metadata", '{"topic": "food"}'), 0),
        (("--threshold", "1"), 0),
    ],
)
def test_every_filter_of_search_counts(kept, tea, filters, found):
    session, _ = tea
    outcome = kept("search", "oolong tea", "--session", session, *filters, "--json")
    assert outcome.code == 0
    assert len(json.loads(outcome.out)["results"]) == found


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (("--after", "2026-05-08 21:56"), 2),
        (("--after", "2026-05-08 21:57"), 0),
        (("--before", "2026-05-08 21:57+08:00"), 2),
        (("--after", "2026-05-09"), 0),
    ],
)
def test_times_are_written_and_read_in_the_time_zone_that_is_set(
    kept, tea, monkeypatch, filters, found
):
    session, _ = tea
    monkeypatch.setenv("SAGE_TIMEZONE", "Asia/Shanghai")
    outcome = kept("search", "oolong tea", "--session", session, *filters)
    assert outcome.out.count("  2026-05-08 21:56 +08:00, ") == found
    outcome = kept("search", "oolong tea", "--session", session, *filters, "--json")
    results = json.loads(outcome.out)["results"]
    assert [hit["created_at"] for hit in results] == ["2026-05-08T13:56:00Z"] * found


def test_what_is_saved_without_an_offset_was_said_in_the_time_zone_that_is_set(
    kept, session, monkeypatch
):
    monkeypatch.setenv("SAGE_TIMEZONE", "Asia/Shanghai")
    kept("save", "a mill", "a heron", "--session", session, "--created-at", "2026-05-08 06:00")
    outcome = kept("search", "heron", "--session", session, "-n", 1, "--json")
    assert json.loads(outcome.out)["results"][0]["created_at"] == "2026-05-07T22:00:00Z"


def test_a_search_without_an_answer_says_so_beside_the_output(kept):
    outcome = kept("search", "anything", "--session", "no-such-session")
    said = "no relevant memories (relevance none); --min-relevance none shows the closest\n"
    assert (outcome.code, outcome.out, outcome.err) == (0, "", said)


def test_context_is_text_for_a_prompt(kept, tea):
    session, _ = tea
    outcome = kept("context", "tea", "--session", session, "--no-rerank")
    assert outcome.code == 0
    assert "Mei likes oolong tea." in outcome.out
    assert "<sage-summary>" not in outcome.out
    summed_up = kept("context", "which tea does Mei like", "--session", session, "--summary")
    assert "<sage-summary>" in summed_up.out


def test_help_says_that_a_number_of_memories_does_not_limit_the_text_of_a_context(kept, tea):
    session, _ = tea
    text = kept("context", "tea", "--session", session).out
    assert kept("context", "tea", "--session", session, "-n", 1).out == text
    assert "does not limit the text" in " ".join(kept("context", "--help").out.split())


def test_context_answers_machines_as_the_tool_does(kept, tea):
    session, _ = tea
    outcome = kept("context", "tea", "-n", 1, "--window", 200, "--session", session, "--json")
    answer = assert_is(ContextAnswer, outcome.out)
    assert answer["tokens"] <= 200
    assert len(answer["memories"]) == 1


@pytest.mark.usefixtures("tea")
def test_stats_count_for_machines_and_for_people(kept):
    answer = assert_is(MemoryStats, kept("stats", "--json").out)
    assert answer["memories"] >= 2
    outcome = kept("stats")
    assert f"{answer['memories']:,}" in outcome.out.splitlines()[0]
    assert answer["embedding_model"] in outcome.out


@pytest.mark.usefixtures("tea")
def test_stats_tell_times_in_the_time_zone_that_is_set(kept, monkeypatch):
    monkeypatch.setenv("SAGE_TIMEZONE", "Asia/Shanghai")
    lines = kept("stats").out.splitlines()
    times = [line for line in lines if line.startswith(("first", "last"))]
    assert len(times) == 2
    assert all(line.endswith(" +08:00") for line in times)


def test_what_is_forgotten_is_not_found_until_it_is_brought_back(kept, brief_tea):
    session, _ = brief_tea
    outcome = kept("forget", "--session", session)
    assert (outcome.code, outcome.out[:17]) == (0, "forgot 2 memories")
    assert kept("search", "oolong", "--session", session).out == ""
    assert kept("forget", "--session", session, "--undo").out == "restored 2 memories\n"
    assert "oolong" in kept("search", "oolong", "--session", session).out


@pytest.mark.parametrize("undo", [(), ("--undo",)])
def test_forgetting_or_restoring_twice_is_no_failure(kept, brief_tea, undo):
    done = "restored" if undo else "forgotten"
    session, ids = brief_tea
    kept("forget", "--session", session)
    kept("forget", "--session", session, *undo)
    for which in (ids[:1], ("--session", session)):
        outcome = kept("forget", *which, *undo)
        assert outcome.code == 0
        assert outcome.out.endswith(f"already {done}: 0 memories\n")
        assert outcome.err == ""


@pytest.mark.parametrize("undo", [(), ("--undo",)])
def test_an_id_that_is_not_found_is_a_failure(kept, undo):
    for which, told in {
        ("0197f3c2-0000-7000-8000-00000000dead",): "1 id was not found",
        ("--session", "no-such-session"): "session not found",
    }.items():
        outcome = kept("forget", *which, *undo)
        assert outcome.code == 1
        assert outcome.err.startswith(told)
        assert outcome.out.endswith(" 0 memories\n")


def test_forget_answers_machines_as_the_tool_does_and_fails_for_unknown_ids(kept, brief_tea):
    _, ids = brief_tea
    unknown = ids[0][:-4] + "0000"
    outcome = kept("forget", ids[0], unknown, "--json")
    answer = assert_is(ForgetReceipt, outcome.out)
    assert answer == {"forgotten": 1, "restored": 0, "unknown": 1}
    assert outcome.code == 1


@pytest.mark.parametrize("typed", ["n\n", "\n", "", "sure\n"])
def test_forget_asks_with_the_number_and_takes_no_for_an_answer(kept, brief_tea, typing, typed):
    session, _ = brief_tea
    typing(typed)
    outcome = kept("forget", "--session", session)
    assert outcome.code == 1
    asked, _, rest = outcome.err.partition("[y/N] ")
    assert asked == f"forget session {session} (2 memories)? "
    assert rest.strip() == "nothing was forgotten"


def test_forget_forgets_what_was_agreed_to_and_undoes_without_asking(kept, brief_tea, typing):
    session, ids = brief_tea
    typing("YES\n")
    outcome = kept("forget", *ids)
    assert outcome.code == 0
    assert outcome.err == "forget 2 memories? [y/N] "
    outcome = kept("forget", "--session", session, "--undo")
    assert (outcome.code, outcome.err) == (0, "")


def test_forget_does_not_ask_when_told(kept, brief_tea, typing):
    session, _ = brief_tea
    typing("")
    outcome = kept("forget", "--session", session, "--yes")
    assert (outcome.code, outcome.err) == (0, "")
