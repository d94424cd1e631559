"""What clients delete by themselves: how many transcripts, when, and which setting says so."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from sage.clients.formats.transcripts import TRANSCRIPTS
from sage.clients.importing.retention import (
    expiring_here,
    expiring_text,
    keeping_text,
    last_messages,
    only_of,
)
from sage.clients.importing.sources import sources_here
from tests.support.each import each
from tests.support.homes_with_transcripts import write_transcripts

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("a home")
    write_transcripts(home, home / "proj", now=NOW)  # 29, 23.2, 17.4, 11.6, 5.8 and 0 days ago
    return home


def texts(home, now=NOW):
    return [expiring_text(one, now) for one in expiring_here(home, now)]


def test_two_of_five_clients_delete_their_oldest_transcripts_within_a_week(home):
    assert texts(home) == [
        (
            "Claude Code deletes 2 of 6 transcripts within 7 days, the first on 2026-11-30"
            " (cleanupPeriodDays 30)"
        ),
        (
            "Gemini CLI deletes 2 of 6 transcripts within 7 days, the first on 2026-11-30"
            " (sessionRetention.maxAge 30d)"
        ),
    ]
    assert keeping_text(expiring_here(home, NOW), home) == (
        "`sage import ~/.claude/projects ~/.gemini/tmp` imports them"
    )
    later = texts(home, NOW + timedelta(days=2))
    assert all("2 of 6" in one and "the first at its next start" in one for one in later)


@each(
    ("file", "settings", "said"),
    [
        (".claude/settings.json", '{"cleanupPeriodDays": 20}', "Claude Code deletes 3 of 6"),
        (".claude/settings.json", '{"cleanupPeriodDays": 3650}', None),
        (".claude/settings.json", '{"cleanupPeriodDays": 0}', None),
        (".claude/settings.json", '{"cleanupPeriodDays": "20"}', None),
        (".claude/settings.json", '{"cleanupPeriodDays": 20,', None),
        (".claude/settings.json", "", "Claude Code deletes 2 of 6"),
        (".gemini/settings.json", '{/* mine */ "general": {"sessionRetention": {"maxAge": "2w"}}}',
         "Gemini CLI deletes 4 of 6"),
        (".gemini/settings.json", '{"general": {"sessionRetention": {"maxAge": "2m"}}}', None),
        (".gemini/settings.json", '{"general": {"sessionRetention": {"enabled": false}}}', None),
        (".gemini/settings.json", '{"general": {"sessionRetention": {"maxAge": "soon"}}}', None),
    ],
)  # fmt: skip
def test_the_settings_of_a_client_say_for_how_long_it_keeps_them(file, settings, said, home):
    (home / file).write_text(settings)
    try:
        told = [one for one in texts(home) if one.split()[0].lower() in file]
        assert [one.startswith(said) for one in told] == [True] if said else not told
    finally:
        (home / file).unlink()


def test_a_transcript_is_known_by_its_last_message(home):
    found = expiring_here(home, NOW)
    messages = last_messages(each for one in found for each in one.soon)
    sources = {one.name: one for one in sources_here(home).sources}
    assert {*sources} == {one.source for one in TRANSCRIPTS}
    ids = {memory.memory_id for one in sources.values() for memory in one.memories()}
    assert {one: source.counts.read for one, source in sources.items()} == dict.fromkeys(
        sources, 12
    )
    assert len(messages) == 4
    assert {*messages.values()} <= ids
    claude = [one for one in messages if one.source == "claude-code"]
    assert [(one.title, len(one.soon)) for one in only_of(found, claude)] == [("Claude Code", 2)]


def test_a_transcript_in_which_nobody_says_anything_is_nothing_to_keep(tmp_path):
    paths = write_transcripts(tmp_path, tmp_path / "proj", 1, NOW - timedelta(days=29))
    path = paths["claude-code"][0]
    path.write_text(json.dumps({"type": "last-prompt", "sessionId": "s"}) + "\n")
    soon = [each for one in expiring_here(tmp_path, NOW) for each in one.soon]
    assert [one.source for one in last_messages(soon)] == ["gemini-cli"]
