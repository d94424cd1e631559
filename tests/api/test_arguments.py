"""What arguments may look like, and what a caller is told who got one wrong."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from sage.api.arguments import (
    ContextArguments,
    ForgetArguments,
    ReadArguments,
    SaveArguments,
    SearchArguments,
    SpaceArguments,
)
from sage.domain import limits
from sage.domain.caller import Caller
from sage.errors import InvalidInputError
from tests.support.each import each

ME, THEM = Caller(), Caller("theirs")
PAIR = {"user_prompt": "Hello", "assistant_response": "Hi"}
USER = {"role": "user", "content": "Hello"}
ID = "0190d3a0-0000-7000-8000-000000000001"
TEXT = "pass it as text in quotes"
WHOLE = "pass a number"

WRONG_SAVES = [
    ({}, "messages", "pass user_prompt and assistant_response, or messages"),
    ({"user_prompt": "x"}, "assistant_response", "pass both"),
    ({"assistant_response": "x"}, "user_prompt", "pass both"),
    (PAIR | {"messages": [USER]}, "messages", "not both"),
    ({"user_prompt": "x", "messages": [USER]}, "messages", "not both"),
    ({"messages": []}, "messages", "at least one"),
    ({"messages": "Hello"}, "messages", "pass a JSON array"),
    ({"messages": [1]}, "messages[0]", "pass an object"),
    ({"messages": [USER, {"role": "user"}]}, "messages[1].content", "pass messages[1].content"),
    ({"messages": [USER | {"text": "x"}]}, "messages[0].text", "role, content, name, created_at"),
    ({"messages": [USER | {"role": "king"}]}, "messages[0].role", "use one of user, assistant"),
    ({"messages": [USER | {"content": "  "}]}, "messages[0].content", "pass some text"),
    ({"messages": [USER | {"content": "\0"}]}, "messages[0].content", "remove"),
    ({"messages": [USER | {"created_at": "soon"}]}, "messages[0].created_at", "ISO 8601"),
    ({"messages": [USER] * (limits.MAX_MESSAGES_PER_SAVE + 1)}, "messages", "several calls"),
    ({"messages": f"[{'1,' * 50_000}1]"}, "messages", "several calls"),
    ({"messages": "[" * 100_000}, "messages", "several calls"),
    (PAIR | {"user_prompt": 5}, "user_prompt", TEXT),
    (PAIR | {"user_prompt": ""}, "user_prompt", "pass some text"),
    (PAIR | {"user_prompt": "\ud800"}, "user_prompt", "valid UTF-8"),
    (PAIR | {"assistant_response": "x" * 100_001}, "assistant_response", "shorten it"),
    (PAIR | {"session_id": ""}, "session_id", "pass some text"),
    (PAIR | {"session_id": 7}, "session_id", TEXT),
    (PAIR | {"sesion_id": "x"}, "sesion_id", "session_id"),
    (PAIR | {"metadata": [1]}, "metadata", "pass an object"),
    (PAIR | {"metadata": {"a": float("nan")}}, "metadata", "use null"),
    (PAIR | {"metadata": {"a": [10**1_001]}}, "metadata", "pass it as text"),
    (PAIR | {"metadata": {"a\0": 1}}, "metadata", "remove"),
    (PAIR | {"idempotency_key": "k" * 201}, "idempotency_key", "shorten it"),
    (PAIR | {"session_id": "s" * 201}, "session_id", "shorten it"),
    ({"messages": [USER | {"name": "n" * 201}]}, "messages[0].name", "shorten it"),
    (PAIR | {"metadata": {"a": "x" * 16_384}}, "metadata", "put long text into the content"),
    (PAIR | {"metadata": json.loads('{"a":' * 9 + "1" + "}" * 9)}, "metadata", "flatten"),
    (PAIR | {"replaces": [ID] * 101}, "replaces", "several calls"),
    (PAIR | {"created_at": 1_700_000_000}, "created_at", TEXT),
    (PAIR | {"created_at": "0001-01-01"}, "created_at", "pass a year from"),
]
WRONG_SEARCHES = [
    ({}, "query", "pass query"),
    ({"query": None}, "query", TEXT),
    ({"query": ["x"]}, "query", TEXT),
    ({"query": "x" * 4_001}, "query", "shorten it"),
    ({"query": "x", "n": 0}, "n", "pass 1 to 50"),
    ({"query": "x", "n": -1}, "n", "pass 1 to 50"),
    ({"query": "x", "n": 51}, "n", "pass 1 to 50"),
    ({"query": "x", "n": 10**6000}, "n", "pass 1 to 50"),
    ({"query": "x", "n": "five"}, "n", WHOLE),
    ({"query": "x", "n": "true"}, "n", WHOLE),
    ({"query": "x", "n": "51"}, "n", "pass 1 to 50"),
    ({"query": "x", "n": "9" * 5_000}, "n", WHOLE),
    ({"query": "x", "n": True}, "n", WHOLE),
    ({"query": "x", "n": 2.5}, "n", WHOLE),
    ({"query": "x", "n": float("inf")}, "n", WHOLE),
    ({"query": "x", "similarity_threshold": 1.1}, "similarity_threshold", "omits nothing"),
    ({"query": "x", "similarity_threshold": float("nan")}, "similarity_threshold", "omits nothing"),
    ({"query": "x", "similarity_threshold": "NaN"}, "similarity_threshold", "omits nothing"),
    ({"query": "x", "similarity_threshold": "half"}, "similarity_threshold", WHOLE),
    ({"query": "x", "role": "King"}, "role", "use one of user"),
    ({"query": "x", "role": 1}, "role", TEXT),
    ({"query": "x", "after": "2026-02-30"}, "after", "ISO 8601"),
    ({"query": "x", "before": "soon"}, "before", "yesterday"),
    ({"query": "x", "after": "2026-02-02", "before": "2026-02-01"}, "after", "swap the two"),
    ({"query": "x", "metadata": "topic"}, "metadata", "pass an object"),
    ({"query": "x", "limit": 5}, "limit", "query, n, min_relevance, similarity_threshold"),
    ({"query": "x", "\ud800": 5}, "\\ud800", "query, n"),
]
WRONG_CONTEXTS = [
    ({"query": "x", "max_results": 51}, "max_results", "pass 1 to 50"),
    ({"query": "x", "context_window": 199}, "context_window", "pass 200 to 32000"),
    ({"query": "x", "context_window": 32_001}, "context_window", "pass 200 to 32000"),
    ({"query": "x", "context_window": "all"}, "context_window", WHOLE),
    ({"query": "x", "enable_neural_rerank": 1}, "enable_neural_rerank", "pass true or false"),
    ({"query": "x", "enable_llm_summary": "yes"}, "enable_llm_summary", "pass true or false"),
    ({"query": "x", "n": 5}, "n", "query, max_results"),
]
WRONG_FORGETS = [
    ({}, "memory_ids", "one of the two"),
    ({"memory_ids": []}, "memory_ids", "at least one"),
    ({"memory_ids": [], "session_id": "x"}, "memory_ids", "at least one"),
    ({"memory_ids": "[]", "session_id": "x"}, "memory_ids", "at least one"),
    ({"memory_ids": [ID], "session_id": "x"}, "memory_ids", "one of the two"),
    ({"memory_ids": ID}, "memory_ids", "pass a JSON array"),
    ({"memory_ids": ["x"]}, "memory_ids[0]", "pass an id"),
    ({"memory_ids": [ID, None]}, "memory_ids[1]", TEXT),
    ({"memory_ids": ["\ud800"]}, "memory_ids[0]", "pass an id"),
    ({"memory_ids": [ID] * 1_001}, "memory_ids", "several calls"),
    ({"memory_ids": [ID], "undo": "yes"}, "undo", "pass true or false"),
]


@each(
    ("model", "raw", "field", "hint"),
    [
        *((SaveArguments, *case) for case in WRONG_SAVES),
        *((SearchArguments, *case) for case in WRONG_SEARCHES),
        *((ContextArguments, *case) for case in WRONG_CONTEXTS),
        *((ForgetArguments, *case) for case in WRONG_FORGETS),
        (ReadArguments, {"memory_ids": [ID] * 21}, "memory_ids", "several calls"),
        (SpaceArguments, {"verbose": True}, "verbose", "omit it"),
        (SearchArguments, [], "arguments", "pass an object with the named arguments"),
    ],
)
def test_a_wrong_argument_is_named_with_its_fix(model, raw, field, hint):
    with pytest.raises(InvalidInputError) as refused:
        model.parse(raw).to_request(ME)
    assert refused.value.field == field
    assert hint in refused.value.hint
    assert "pydantic" not in str(refused.value)


def test_all_wrong_arguments_are_told_at_once():
    with pytest.raises(InvalidInputError) as refused:
        SearchArguments.parse({"query": 1, "n": "two", "role": 3})
    assert refused.value.field == "query"
    assert "n must be a whole number" in refused.value.hint
    assert "role must be a string" in refused.value.hint


def test_null_is_the_same_as_leaving_an_argument_out():
    names = SearchArguments.model_fields.keys() - {"query"}
    spelt = SearchArguments.parse({"query": "x"} | dict.fromkeys(names))
    assert spelt.to_request(ME) == SearchArguments.parse({"query": "x"}).to_request(ME)
    assert spelt.to_request(ME).n == 5


@pytest.mark.parametrize("seven", [7, 7.0, "7", "7.0", " 7 "])
def test_whatever_can_only_mean_7_counts_for_7(seven):
    assert SearchArguments.parse({"query": "x", "n": seven}).to_request(ME).n == 7


def test_numbers_and_booleans_in_quotes_count_for_what_they_say():
    numbers = {"n": "3", "similarity_threshold": "0.5"}
    search = SearchArguments.parse({"query": "x"} | numbers).to_request(ME)
    assert (search.n, search.similarity_threshold) == (3, 0.5)
    switches = {"enable_neural_rerank": "false", "enable_llm_summary": "true"}
    request = ContextArguments.parse({"query": "x"} | switches).to_request(ME)
    assert (request.rerank, request.summarize) == (False, True)
    assert ForgetArguments.parse({"memory_ids": [ID], "undo": "true"}).to_request(ME).undo


@pytest.mark.parametrize("query", ["7", "true", "null", "[]", '{"a": 1}'])
def test_text_that_looks_like_json_stays_text_where_text_is_asked_for(query):
    assert SearchArguments.parse({"query": query}).to_request(ME).query == query


def test_lists_and_objects_wrapped_into_json_text_are_read():
    raw = {"messages": '[{"role": "user", "content": "Hello"}]', "metadata": '{"topic": "tea"}'}
    request = SaveArguments.parse(raw).to_request(ME)
    assert request.messages[0].content == "Hello"
    assert request.metadata == {"topic": "tea"}


def test_text_that_looks_like_json_stays_text():
    request = SaveArguments.parse(PAIR | {"user_prompt": '{"a": 1}'}).to_request(ME)
    assert request.messages[0].content == '{"a": 1}'


def test_the_time_of_the_call_counts_where_a_message_has_none():
    raw = {
        "messages": [USER, USER | {"created_at": "2026-05-08T15:00:00+02:00"}],
        "created_at": "2026-05-08T12:00:00",
    }
    first, second = SaveArguments.parse(raw).to_request(ME).messages
    assert first.created_at.isoformat() == "2026-05-08T12:00:00+00:00"
    assert second.created_at.isoformat() == "2026-05-08T13:00:00+00:00"


def test_requests_belong_to_the_space_they_are_built_for():
    assert SearchArguments.parse({"query": "x"}).to_request(THEM).space_id == "theirs"
    assert SaveArguments.parse(PAIR).to_request(THEM).space_id == "theirs"
    assert ForgetArguments.parse({"session_id": "x"}).to_request(THEM).space_id == "theirs"
    assert ContextArguments.parse({"query": "x"}).to_request(THEM).space_id == "theirs"


def test_context_arguments_reach_the_request():
    raw = {"query": "x", "max_results": 3, "context_window": 300, "session_id": "s"}
    switches = {"enable_neural_rerank": False, "enable_llm_summary": True}
    request = ContextArguments.parse(raw | switches).to_request(ME)
    assert (request.max_results, request.context_window) == (3, 300)
    assert (request.rerank, request.summarize) == (False, True)
    assert request.filters.session_id == "s"


def test_a_time_in_words_is_one_of_the_time_zone_and_one_without_an_offset_of_utc():
    raw = {"query": "x", "after": "8 May 2026", "before": "2026-05-09"}
    filters = SearchArguments.parse(raw).to_request(ME, ZoneInfo("Asia/Shanghai")).filters
    assert filters.after == datetime(2026, 5, 7, 16, tzinfo=UTC)
    assert filters.before == datetime(2026, 5, 9, tzinfo=UTC)
