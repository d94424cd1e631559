"""`sage audit`."""

import asyncio
import json

import pytest

from sage.access.audit.event import AuditEvent, Surface
from sage.access.audit.store import record_events
from sage.store.connections.pool import open_database


@pytest.fixture
def audit(here, postgres_dsn):
    """Record some events, and run `sage audit`."""

    async def record():
        asked = AuditEvent(Surface.MCP, "search_memory", "203.0.113.9", token_name="laptop")
        asked.space = "team"
        asked.about(["one", "two", "three"])
        refused = AuditEvent(Surface.REST, "request", "203.0.113.9", outcome="token", unrecorded=41)
        database = await open_database(postgres_dsn)
        async with database.across_spaces() as conn:
            await record_events(conn, [asked, refused])
        await database.close()

    assert here("space", "create", "team").code == 0
    asyncio.run(record())
    return lambda *argv: here("audit", *argv)


def test_events_are_shown_as_a_table_the_newest_first(audit):
    shown = audit()
    assert shown.code == 0, shown.err
    lines = shown.out.splitlines()
    assert " ".join(lines[0].split()) == "time token user from action space outcome ids"
    assert "token (and 41 more)" in shown.out
    assert "one and 2 more" in shown.out
    assert lines.index(next(line for line in lines if "create_space" in line)) == 3


@pytest.mark.parametrize(
    ("chosen", "actions"),
    [
        ((), ["request", "search_memory", "create_space"]),
        (("--token", "laptop"), ["search_memory"]),
        (("--space", "team"), ["search_memory", "create_space"]),
        (("--action", "create_space"), ["create_space"]),
        (("--user", "nobody"), []),
        (("--since", "2999-01-01"), []),
        (("--since", "yesterday", "--limit", "2"), ["request", "search_memory"]),
    ],
)
def test_events_can_be_chosen(audit, chosen, actions):
    listed = json.loads(audit(*chosen, "--json").out)
    assert [one["action"] for one in listed] == actions
    exported = audit(*chosen[:2], "--export").out.splitlines()
    assert [json.loads(line)["action"] for line in exported][: len(actions)] == actions


def test_a_change_is_recorded_with_the_account_and_one_that_failed_is_not(here):
    assert here("user", "add", "anna").code == 0
    assert here("user", "add", "anna").code == 1
    token = here("token", "create", "--space", "default", "--user", "anna", "--name", "laptop")
    assert here("token", "rotate", "laptop").code == 0
    assert here("space", "create", "team").code == 0
    assert here("space", "rename", "team", "herons").code == 0
    assert here("user", "remove", "anna").code == 0
    listed = json.loads(here("audit", "--json").out)
    assert [(one["action"], one["ids"]) for one in reversed(listed)] == [
        ("add_user", ["anna"]),
        ("create_token", ["laptop"]),
        ("rotate_token", ["laptop"]),
        ("create_space", ["team"]),
        ("rename_space", ["team", "herons"]),
        ("remove_user", ["anna"]),
    ]
    assert all(one["origin"].startswith("account ") for one in listed)
    assert token.out.strip() not in json.dumps(listed)


def test_an_empty_log_is_told(here):
    shown = here("audit")
    assert (shown.code, shown.out) == (0, "")
    assert "no such events" in shown.err


@pytest.mark.parametrize("wrong", [("--since", "someday"), ("--limit", "0")])
def test_what_cannot_be_asked_is_told_with_a_fix(here, wrong):
    refused = here("audit", *wrong)
    assert refused.code == 2
    assert "fix:" in refused.err
