"""What a model is shown of the tools: complete, and not changed unseen."""

import hashlib
import json
import re
from dataclasses import fields

import pytest

from sage.api.mcp.server import INSTRUCTIONS
from sage.api.published_schema import answer_schema, arguments_schema
from sage.api.tools import TOOLS
from sage.domain import limits

CONTRACT = {
    "save_conversation": (
        (
            "space user_prompt assistant_response messages session_id metadata replaces "
            "idempotency_key created_at"
        ),
        "session_id memory_ids saved indexed masked",
        (False, False, False),
    ),
    "search_memory": (
        (
            "space query n min_relevance similarity_threshold session_id role after before "
            "metadata author trust include_superseded include_questions outline highlights details "
            "explain"
        ),
        "relevance results degraded asked pending judged_by",
        (True, False, True),
    ),
    "get_context": (
        (
            "space query max_results context_window min_relevance session_id enable_neural_rerank "
            "enable_llm_summary"
        ),
        "context relevance memories tokens degraded asked pending",
        (True, False, True),
    ),
    "get_memories": ("space memory_ids", "memories unknown", (True, False, True)),
    "get_memory_stats": (
        "space",
        (
            "memories sessions first_at last_at storage_bytes embedding_model queue unclassed "
            "index_build"
        ),
        (True, False, True),
    ),
    "forget_memory": (
        "space memory_ids session_id undo",
        "forgotten restored unknown",
        (False, True, True),
    ),
}
FOR_PROGRAMS = {
    "save_conversation": {"idempotency_key", "created_at"},
    "search_memory": {
        "similarity_threshold",
        "author",
        "trust",
        "highlights",
        "details",
        "explain",
    },
    "get_context": {"max_results", "min_relevance", "enable_neural_rerank", "enable_llm_summary"},
}
FOR_SEVERAL_SPACES = {"space"}
MAX_CHARS = 6_200
PINNED_SCHEMAS = "89a2d0c7b6834b45d98c4cf1872617ffa4ec4326a58c2586d11ea1b1a37aa169"
PINNED = "1ae7d6c27eb609388d8f99e102a6dadcc0c44b77af698864f660b91d1eea2798"


def models_in(schema):
    """Return a schema and those it holds, as far as they have properties."""
    if isinstance(schema, list):
        return [model for one in schema for model in models_in(one)]
    if not isinstance(schema, dict):
        return []
    inner = models_in([*schema.values()])
    return [schema, *inner] if isinstance(schema.get("properties"), dict) else inner


def test_the_tools_are_those_of_the_contract_in_this_order():
    assert [tool.name for tool in TOOLS] == list(CONTRACT)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_a_tool_takes_and_gives_what_the_contract_says(tool):
    arguments, result, flags = CONTRACT[tool.name]
    assert list(tool.arguments.model_fields) == arguments.split()
    published = [one.name for one in fields(tool.answer) if not one.metadata.get("exclude")]
    assert published == result.split()
    assert (tool.read_only, tool.destructive, tool.idempotent) == flags


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_every_field_of_a_tool_is_described(tool):
    for schema in (arguments_schema(tool.arguments), answer_schema(tool.answer)):
        for model in models_in(schema):
            for name, field in model["properties"].items():
                assert field.get("description"), f"{tool.name}: {name} is not described"
                assert "title" not in field
    schema = arguments_schema(tool.arguments)
    assert (schema["type"], schema["additionalProperties"]) == ("object", False)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_an_argument_has_one_plain_type_that_every_client_can_read(tool):
    schema = arguments_schema(tool.arguments)
    assert not re.search(r'"\$(?:ref|defs)"', json.dumps(schema)), "Gemini knows no references"
    inner = [field.get("items", {}) for field in schema["properties"].values()]
    for model in (schema, *(one for one in inner if "properties" in one)):
        assert "title" not in model
        assert not model.keys() & {"oneOf", "anyOf", "allOf"}
        for name, field in model["properties"].items():
            assert isinstance(field["type"], str), f"{tool.name}: {name} has no plain type"
            assert field["type"] != "null"
            assert field.get("default", "") is not None
            assert None not in field.get("enum", ())


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_what_no_model_decides_on_is_accepted_and_not_shown(tool):
    hidden = FOR_PROGRAMS.get(tool.name, set()) | FOR_SEVERAL_SPACES
    shown = arguments_schema(tool.arguments)["properties"].keys()
    assert set(tool.arguments.model_fields) - shown == hidden
    documented = tool.arguments.model_json_schema()["properties"]
    assert all(documented[name]["description"] for name in hidden)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_an_answer_is_described_in_one_piece_that_a_client_checks_without_looking_up(tool):
    schema = answer_schema(tool.answer)
    assert not re.search(r'"\$(?:ref|defs)"', json.dumps(schema))


def test_the_tools_take_little_of_the_room_a_model_has():
    shown = [[tool.name, tool.description, arguments_schema(tool.arguments)] for tool in TOOLS]
    assert len(json.dumps(shown)) <= MAX_CHARS, "over four characters make a token"


def test_published_bounds_are_those_the_domain_checks():
    schemas = {tool.name: arguments_schema(tool.arguments)["properties"] for tool in TOOLS}
    n = schemas["search_memory"]["n"]
    assert (n["minimum"], n["maximum"], n["default"]) == (1, limits.MAX_RESULTS, 5)
    window = schemas["get_context"]["context_window"]
    assert (window["minimum"], window["maximum"]) == (200, 32_000)
    assert schemas["save_conversation"]["messages"]["maxItems"] == limits.MAX_MESSAGES_PER_SAVE


def test_the_published_schemas_do_not_change_unseen():
    published = [[arguments_schema(tool.arguments), answer_schema(tool.answer)] for tool in TOOLS]
    found = hashlib.sha256(json.dumps(published, sort_keys=True).encode()).hexdigest()
    assert found == PINNED_SCHEMAS, (
        "a schema that clients validate against has changed: when it is meant, set PINNED_SCHEMAS "
        f"in this test to {found!r} and note it in CHANGELOG.md"
    )


def test_what_models_read_does_not_change_unseen():
    shown = [
        [tool.name, tool.title, tool.description]
        + [[name, field.description] for name, field in tool.arguments.model_fields.items()]
        + [[field.name, field.metadata["description"]] for field in fields(tool.answer)]
        for tool in TOOLS
    ]
    found = hashlib.sha256(json.dumps([INSTRUCTIONS, shown]).encode()).hexdigest()
    assert found == PINNED, (
        "a text that models read has changed. Read the change as a model would: when it is meant, "
        f"set PINNED in this test to {found!r} and note it in CHANGELOG.md"
    )
