"""Bounds of what may be parsed: exact, whatever stands in strings."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sage.api.arguments import SaveArguments
from sage.api.json_bounds import MAX_DEPTH, MAX_MARKS, find_excess
from sage.domain import limits
from sage.domain.caller import Caller

VALUES = st.recursive(
    st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


def depth(value):
    match value:
        case dict():
            return 1 + max(map(depth, value.values()), default=0)
        case list():
            return 1 + max(map(depth, value), default=0)
        case _:
            return 0


@pytest.mark.parametrize("ascii_only", [True, False])
@given(value=VALUES, around=st.integers(MAX_DEPTH - 5, MAX_DEPTH + 1))
def test_depth_is_counted_as_a_parser_would(ascii_only, value, around):
    inner = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    text = b"[" * around + inner + b"]" * around
    assert find_excess(text) == ("depth" if around + depth(value) > MAX_DEPTH else None)


@pytest.mark.parametrize("text", ['"[,{"', r'"\"[,{"', r'"\\\"[,{"', r'"\\"'])
def test_what_stands_in_a_string_is_no_value(text):
    strings = ",".join([text] * 10_000)
    assert json.loads(f"[{strings}]")
    assert find_excess(f"[{strings}]".encode()) is None
    assert find_excess(f"[{strings}{',1' * MAX_MARKS}]".encode()) == "values"


def test_the_largest_save_that_is_allowed_is_parsed():
    message = {"role": "user", "name": "Ann", "content": "[,{", "created_at": "2026-05-08"}
    metadata = {"a": [1] * (limits.MAX_METADATA_BYTES // 3 - 10)}
    body = {"messages": [message] * limits.MAX_MESSAGES_PER_SAVE, "metadata": metadata}
    text = json.dumps(body)
    assert find_excess(text.encode()) is None
    assert len(SaveArguments.parse(json.loads(text)).to_request(Caller()).messages) == 1_000
