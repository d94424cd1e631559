"""The shared prefix of requests is found in the formats of three providers."""

from benchmarks.prefixes import request_of, shared_prefix_shares
from tests.support.each import each

TOOLS = [{"name": "run"}]


def anthropic(*said, system="Be brief."):
    marked = {"cache_control": {"type": "ephemeral"}}
    blocks = [[{"type": "text", "text": one}] for one in said]
    blocks[-1][-1] |= marked  # the mark moves on with each request
    messages = [{"role": "user", "content": one} for one in blocks]
    return {"stream": True, "tools": TOOLS, "system": system, "messages": messages}


def responses(*said, system="Be brief."):
    items = [{"type": "function_call_output", "output": one} for one in said]
    return {"stream": True, "tools": TOOLS, "instructions": system, "input": items}


def gemini(*said, system="Be brief."):
    contents = [{"role": "user", "parts": [{"text": one}]} for one in said]
    return {
        "tools": TOOLS,
        "systemInstruction": {"parts": [{"text": system}]},
        "contents": contents,
    }


@each("shape", (anthropic, responses, gemini))
def test_the_shared_prefix_is_a_whole_request_or_ends_at_the_first_difference(shape):
    first, grown = request_of(shape("One.")), request_of(shape("One.", "Two."))
    assert shared_prefix_shares([first, grown]) == [1]
    assert grown.text.startswith(grown.head)

    changed = request_of(shape("None.", "Two."))
    assert 0.5 < shared_prefix_shares([grown, changed])[0] < 1
    assert len(grown.head) < shared_prefix_shares([grown, changed])[0] * len(grown.text)

    other = request_of(shape("One.", system="Be slow."))
    assert shared_prefix_shares([first, other])[0] * len(first.text) < len(first.head)


def test_requests_that_count_tokens_or_have_no_tools_are_not_part_of_a_conversation():
    assert request_of(anthropic("One.") | {"stream": False}) is None
    assert request_of({"contents": [{"parts": [{"text": "One."}]}]}) is None


def test_the_billing_header_of_claude_code_is_ignored():
    first, other = (
        request_of(anthropic("One.", system=[{"text": f"x-anthropic-billing-header: v={mark};"}]))
        for mark in ("2.1.a", "2.1.b")
    )
    assert first == other
