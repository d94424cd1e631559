"""The first page: what there is, how capture is, and what was said last."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from sage.domain.capturing import CapturedClient, CaptureReport
from tests.support.each import each


@pytest.fixture
def knots(paged):
    """Have something that was said today, as the owner."""
    said = {"messages": [{"role": "user", "content": "A knot was seen."}], "session_id": "knots"}
    paged.request("server", "POST", "/api/v1/conversations", json=said)
    yield
    paged.request("server", "POST", "/api/v1/forget", json={"session_id": "knots"})


@each(
    ("hooks", "told"),
    [
        ({}, "Hooks have not captured anything on this machine yet."),
        ({"codex": "working"}, "Capture works: Codex,"),
        ({"codex": "failing"}, "Capture fails: Codex."),
        ({"codex": "failing", "cursor": "working"}, "Capture fails: Codex. Capture works: Cursor,"),
        ({"codex": "never_called"}, "Capture is set up, but no client has been used since."),
    ],
)
@pytest.mark.usefixtures("knots")
def test_home_says_in_a_sentence_how_capture_is_to_who_may_see_the_server(
    browser, monkeypatch, hooks, told
):
    told_at = datetime.now(UTC) - timedelta(minutes=6)
    clients = tuple(
        CapturedClient(name, name.title(), state, 1, told_at, None, (), (), None)
        for name, state in hooks.items()
    )
    report = CaptureReport(clients, 0, 0, 0, None, is_paused=False, paused_until=None)
    monkeypatch.setattr("sage.console.capture.read_capture", lambda _: report)
    shown = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", browser("server").get("/").text))
    assert "Yesterday and today" in shown
    assert told in shown
    assert told not in browser("writer").get("/").text
