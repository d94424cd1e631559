"""A token that opens several spaces, one of them, or none: which it says, and `*` for all."""

import asyncio
import json

import pytest
from mcp.shared.exceptions import MCPError

from sage.access.accounts.spaces import create_space
from sage.access.accounts.tokens import create_token
from sage.store.connections.pool import open_database
from tests.support.guarded import (
    CALLS,
    LOCATE,
    READER,
    RESOURCES,
    RESOURCES_OF_ONE_SPACE,
    ROUTES_OF_ALL_SPACES,
    SECRET,
    SERVER_TOKEN,
    TAKE_ALL_SPACES,
    TURN,
    Guarded,
    guarded_routes,
    make_tokens,
)
from tests.support.live import new_database
from tests.support.serving import serving, settings_for

OWN = "the heron stands in the pond"
THEIRS = "the heron of somebody else"


async def add_spaces(dsn, tokens):
    """Add a space that `several` may not open, and a token of more spaces than are searched."""
    database = await open_database(dsn)
    try:
        async with database.across_spaces() as conn:
            await create_space(conn, "theirs")
            tokens["theirs"] = await create_token(conn, {"theirs": READER.WRITER}, name="theirs")
            many = [f"space-{number}" for number in range(21)]
            for name in many:
                await create_space(conn, name)
            tokens["many"] = await create_token(conn, dict.fromkeys(many, READER), name="many")
    finally:
        await database.close()


@pytest.fixture(scope="module")
def guarded(postgres_server, migrated_template, tmp_path_factory):
    with new_database(postgres_server, migrated_template) as dsn:
        tokens = asyncio.run(make_tokens(dsn))
        asyncio.run(add_spaces(dsn, tokens))
        settings = settings_for(
            dsn, tmp_path_factory.mktemp("data"), token=SERVER_TOKEN, connector_tools=True
        )
        with serving(settings) as url:
            server = Guarded(url, tokens, "")
            for who, said in (("writer", SECRET), ("several", OWN), ("theirs", THEIRS)):
                turn = TURN | {"user_prompt": said}
                saved = server.request(who, "POST", "/api/v1/conversations", json=turn)
                server.memory_id = server.memory_id or saved.json()["memory_ids"][0]
            yield server


def asked(guarded, who, path, **more):
    body = {"query": "heron", "min_relevance": "none", "space": "*"} | more
    return guarded.request(who, "POST", path, json=body)


def test_all_spaces_of_a_token_are_searched_and_no_other(guarded):
    found = asked(guarded, "several", "/api/v1/search").json()["results"]
    assert {(one["space"], one["content"]) for one in found} >= {("team", SECRET), ("private", OWN)}
    assert {one["space"] for one in found} == {"team", "private"}
    for path in ROUTES_OF_ALL_SPACES:
        told = asked(guarded, "several", path)
        assert told.status_code == 200, path
        assert SECRET in told.text, path
        assert OWN in told.text, path
        assert THEIRS not in told.text, path


@pytest.mark.parametrize(
    ("who", "said"), [("reader", SECRET), ("foreign", OWN), ("theirs", THEIRS), ("server", None)]
)
def test_with_one_space_all_spaces_are_that_one_and_the_answer_is_the_same(guarded, who, said):
    for path in ROUTES_OF_ALL_SPACES:
        alone = guarded.request(
            who, "POST", path, json={"query": "heron", "min_relevance": "none"}
        ).json()
        assert asked(guarded, who, path).json() == alone, path
        for other in {SECRET, OWN, THEIRS} - {said}:
            assert other not in str(alone)
        assert said is None or said in str(alone)


def test_a_memory_is_located_in_all_spaces_of_a_token_and_in_no_other(guarded):
    found = asked(guarded, "several", "/api/v1/search", n=50).json()["results"]
    for said in (SECRET, OWN):
        told = asked(guarded, "several", LOCATE, text=said, n=50).json()
        place = [hit["content"] for hit in found].index(said) + 1
        assert (told["verdict"], told["place"]) == ("found", place)
        assert told["memory"]["content"] == said
    assert asked(guarded, "several", LOCATE, text=THEIRS).json() == {"verdict": "unknown"}
    there = {"memory_id": guarded.memory_id}
    assert asked(guarded, "several", LOCATE, **there).json()["verdict"] == "found"
    assert asked(guarded, "foreign", LOCATE, **there).json() == {"verdict": "unknown"}


def test_all_spaces_are_taken_by_search_and_context_alone(guarded):
    for method, path, _, body in guarded_routes():
        if path in {*ROUTES_OF_ALL_SPACES, LOCATE}:
            continue
        named = {"json": body | {"space": "*"}} if body else {"params": {"space": "*"}}
        answer = guarded.request("several", method, path, **named)
        assert answer.status_code == 404, path
        assert "has no access to a space '*'" in answer.text, path


def test_more_than_twenty_spaces_are_refused_with_what_to_do(guarded):
    answer = asked(guarded, "many", "/api/v1/search")
    assert answer.status_code == 422
    assert "21 spaces; at most 20 can be searched" in answer.text
    assert answer.json()["hint"] == "pass one space"


def test_number_and_filters_hold_for_the_whole(guarded):
    found = asked(guarded, "several", "/api/v1/search", n=1).json()["results"]
    assert len(found) == 1
    found = asked(guarded, "several", "/api/v1/search", author="writer").json()["results"]
    assert {one["space"] for one in found} == {"team"}


async def test_a_model_is_told_the_space_of_each_hit(guarded):
    async with guarded.client("several") as client:
        for name, (_, arguments) in CALLS.items():
            answer = await client.call_tool(name, guarded.filled(arguments) | {"space": "*"})
            assert answer.is_error == (name not in TAKE_ALL_SPACES), name
        found = await client.call_tool("search_memory", {"query": "heron", "space": "*"})
        text = found.content[0].text
        assert "space private, session birds, " in text
        assert "space team, session birds, saved by writer, " in text
        context = await client.call_tool("get_context", {"query": "heron", "space": "*"})
        assert "[space team, session birds, " in context.content[0].text
        named = {one["space"] for one in context.structured_content["memories"]}
        assert named == {"team", "private"}


async def test_what_takes_a_space_is_shown_to_those_who_may_choose_one(guarded):
    for who, shown in (("several", RESOURCES), ("reader", RESOURCES_OF_ONE_SPACE)):
        async with guarded.client(who) as client:
            templates = (await client.list_resource_templates()).resource_templates
            found = {one.uri_template for one in templates}
            found |= {str(one.uri) for one in (await client.list_resources()).resources}
            assert found == shown
            (prompt,) = (await client.list_prompts()).prompts
            names = [one.name for one in prompt.arguments]
            assert names == ["query", "session_id", "space"][: 3 if who == "several" else 2]


async def test_the_prompt_and_the_resources_take_a_space(guarded):
    async with guarded.client("several") as client:

        async def prompt(**more):
            asked = {"query": "heron", **more}
            return str(await client.get_prompt("auto_context_injection", asked))

        async def read(uri):
            return (await client.read_resource(uri)).contents[0].text

        assert OWN in (default := await prompt())
        assert SECRET not in default
        assert SECRET in (team := await prompt(space="team"))
        assert OWN not in team
        both = await prompt(space="*")
        assert SECRET in both
        assert OWN in both
        assert THEIRS not in both
        session = "sage://memory/session/birds"
        assert OWN in await read(session)
        assert SECRET in await read(f"{session}?space=team")
        assert SECRET in await read(f"{session}?limit=1&space=team")
        stats = json.loads(await read("sage://memory/stats?space=team"))
        assert stats["memories"] == 2
        private = json.loads(await read("sage://memory/stats"))
        assert private["memories"] == 2
        assert private["storage_bytes"] != stats["storage_bytes"]
        for space in ("theirs", "nowhere", "*"):
            told = []
            for uri in (f"{session}?space={space}", f"sage://memory/stats?space={space}"):
                with pytest.raises(MCPError) as refused:
                    await read(uri)
                told.append(str(refused.value))
            assert all(f"has no access to a space {space!r}" in one for one in told)
        for space in ("theirs", "nowhere"):
            with pytest.raises(MCPError, match=f"has no access to a space {space!r}"):
                await prompt(space=space)
