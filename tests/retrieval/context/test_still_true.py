"""What is written of a confirmation, and of what."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sage.domain.exchanges import Reply
from sage.domain.memories import Memory, Role
from sage.domain.searching import Hit
from sage.retrieval.context.tool_texts import write_hits
from sage.retrieval.recall.recalled_text import RecalledText

NOW = datetime.now(UTC)
CONFIRMED = datetime(2026, 11, 1, 23, 30, tzinfo=UTC)
MARK = "user, still true on 2026-11-01: red"


def memory(days, **more):
    said_at = NOW - timedelta(days=days)
    return Memory(uuid4(), "s", Role.USER, None, "red", said_at, confirmed_at=CONFIRMED, **more)


def written(memory, **more):
    return write_hits([Hit.of(memory, 0.5, {}, **more)], UTC)


def test_of_what_is_old_it_is_written_when_it_was_confirmed():
    assert MARK in written(memory(91))
    text = RecalledText(500, UTC)
    assert text.take(memory(91), 0)
    assert MARK in text.write()


def test_nothing_is_written_of_what_is_young_replaced_or_put_right():
    reply = Reply(uuid4(), Role.USER, None, "blue")
    assert "still true" not in written(memory(89))
    assert "still true" not in written(memory(91, superseded_at=NOW))
    assert "still true" not in written(memory(91), correction=reply)
    text = RecalledText(500, UTC)
    assert text.take(memory(91), 0, correction=reply)
    assert "still true" not in text.write()
