"""The page that shows whether conversations are captured, and the dot at the foot of pages."""

import html
import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.console.conftest import REASON


@pytest.mark.usefixtures("hooks")
def test_each_client_is_shown_the_failing_first_with_what_to_do(browser):
    page = browser("server").get("/capture").text
    shown = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))
    assert re.findall(r"<h2>(.*?)</h2>", page) == ["Codex", "Claude Code", "Gemini CLI"]
    assert "Capture works in 1 of 3 clients. The queue is empty." in shown
    assert html.escape(REASON) in page
    assert "the next event of the session catches up" in shown
    assert "Captured 1,234 Last just now" in shown
    assert "none has been called yet" in shown
    assert "A stonechat sang." in shown
    assert "The last four weeks: 1 message" in page


@pytest.mark.usefixtures("hooks")
def test_how_long_ago_something_was_is_told_in_the_language_of_the_page(browser, paged):
    long_ago = (datetime.now(UTC) - timedelta(hours=5)).timestamp()
    status = paged.settings.data_dir / "hooks" / "status" / "claude-code.json"
    told = json.loads(status.read_text()) | {"last_capture": long_ago}
    status.write_text(json.dumps(told))
    chinese = {"accept-language": "zh"}
    assert "5 小时前" in browser("server").get("/capture", headers=chinese).text


def test_where_no_hook_was_called_the_page_leads_to_what_sets_them_up(browser):
    page = browser("server").get("/capture")
    assert page.status_code == 200
    assert "Hooks have not captured anything on this machine yet." in page.text
    assert 'class="go" href="/connect"' in page.text


def test_what_is_about_the_machine_is_shown_to_who_may_see_the_server_alone(browser):
    for who in ("reader", "owner"):
        client = browser(who)
        assert "/capture" not in client.get("/").text
        assert client.get("/capture").status_code == 403
    assert 'href="/capture"' in browser("server").get("/").text


def test_each_page_tells_how_sage_is(browser):
    for path in ("/", "/sessions", "/?q=heron"):
        page = browser("reader").get(path).text
        assert re.search(r'class="state (healthy|degraded|unhealthy)"', page), path
