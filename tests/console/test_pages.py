"""What every page is like, and the page that searches."""

import hashlib
import json
import re
from html import unescape
from pathlib import Path

from sage.console import assets
from sage.console.rendering import POLICY
from tests.support.asgi import app_with, caller

SAID = {"messages": [{"role": "user", "content": "A snipe was heard."}], "session_id": "snipes"}
FOLDER = Path(assets.__file__).parent


def test_a_search_shows_the_verdict_the_hits_and_why_the_first_was_found(browser):
    page = browser("reader").get("/", params={"q": "where does the heron nest"})
    assert page.status_code == 200
    assert page.headers["content-security-policy"] == POLICY
    assert page.headers["cache-control"] == "no-store"
    assert "unsafe" not in POLICY
    assert re.search(r"(Strong|Weak|None|Unknown): ", page.text)
    assert "<mark>heron</mark>" in page.text
    assert "Why this result" in page.text
    assert "rank 1 of" in page.text


def test_the_chosen_hit_and_its_place_are_in_the_address(browser):
    client = browser("reader")
    asked = {"q": "where does the heron nest"}
    found = re.findall(r"hit=([0-9a-f-]{36})#why", client.get("/", params=asked).text)
    assert len(found) > 1
    for place, memory_id in enumerate(found, 1):
        page = client.get("/", params={**asked, "hit": memory_id}).text
        assert f"rank {place} of {len(found)}" in page


def test_of_an_answer_told_in_the_place_of_its_question_it_is_not_said_that_it_asks(browser, paged):
    query = "where does the heron nest"
    body = {"query": query, "explain": True}
    told = paged.request("reader", "POST", "/api/v1/search", json=body).json()["results"]
    question, answer = paged.memory_ids[:2]
    assert {one["memory_id"]: one.get("stands_for") for one in told}[answer] == question
    plain = paged.request("reader", "POST", "/api/v1/search", json={"query": query}).json()
    assert not any("stands_for" in one for one in plain["results"])
    page = browser("reader").get("/", params={"q": query, "hit": answer}).text
    assert "It is shown in place of another message" in page
    assert "it is only a question" not in page


def test_why_another_memory_is_not_found_is_told_by_its_id_or_its_words(browser, paged):
    client = browser("writer")
    question, answer, hostile = paged.memory_ids
    gone = paged.request("writer", "POST", "/api/v1/conversations", json=SAID).json()
    gone_id = gone["memory_ids"][0]
    polite = {"messages": [{"role": "user", "content": "Thanks!"}], "session_id": "snipes"}
    thanks = paged.request("writer", "POST", "/api/v1/conversations", json=polite).json()
    thanks = thanks["memory_ids"][0]
    paged.request("writer", "POST", "/api/v1/forget", json={"memory_ids": [gone_id]})
    cases = (
        ({"other": answer}, "It is already the first result."),
        ({"other": "behind the old mill"}, "The closest memory that contains your words:"),
        ({"other": hostile[-8:]}, "Its lowest score, compared with"),
        ({"other": answer, "role": "user"}, "Your filters exclude it: Role."),
        ({"other": question}, "It ranks|It is already the first result|It is only a question"),
        ({"other": gone_id}, "It was forgotten on"),
        ({"other": thanks}, "It was not considered: it is of a kind that is only found if"),
        ({"other": "zeppelins over the fjord"}, "There is no such memory, or none"),
    )
    for asked, told in cases:
        page = client.get("/", params={"q": "where does the heron nest", **asked})
        assert page.status_code == 200, asked
        panel = page.text.partition('<div class="other"')[2].partition("</div>")[0]
        assert re.search(told, unescape(panel)), asked
        assert "<script>" not in panel
    assert "Why was another one not found?" in client.get("/", params={"q": "heron"}).text
    nothing = {"q": "heron", "project": "attic", "other": answer}
    assert "Your filters exclude it: Project." in client.get("/", params=nothing).text
    assert (
        "behind the old mill"
        not in browser("foreign").get("/", params=cases[0][0] | {"q": "x"}).text
    )


def test_filters_narrow_a_search(browser):
    client = browser("reader")
    asked = {"q": "heron", "role": "user"}
    assert "behind the old mill" not in client.get("/", params=asked).text
    assert "behind the old mill" in client.get("/", params=asked | {"role": "assistant"}).text
    assert "old mill" not in client.get("/", params={"q": "heron", "project": "attic"}).text
    wrong = client.get("/", params={"q": "heron", "after": "whenever"})
    assert wrong.status_code == 422
    assert "Try again" in wrong.text


def test_what_a_hostile_memory_holds_is_text(browser):
    page = browser("reader").get("/", params={"q": "kestrel"})
    assert "<script>alert" not in page.text
    assert "<img" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=https://evil.example" in page.text
    assert "{{ 7 * 7 }}" in page.text


def test_a_space_that_the_token_does_not_open_is_not_shown(browser):
    client = browser("foreign")
    assert "mill" not in client.get("/", params={"q": "heron"}).text
    refused = client.get("/", params={"q": "heron", "space": "team"})
    assert refused.status_code == 404
    assert "mill" not in refused.text


def test_several_spaces_are_chosen_from_and_the_choice_is_kept(browser):
    client = browser("several")
    assert "mill" not in client.get("/", params={"q": "heron"}).text
    own = {"sec-fetch-site": "same-origin"}
    client.post("/prefer", data={"space": "team"}, headers=own)
    assert "mill" in client.get("/", params={"q": "heron"}).text


def test_a_theme_is_kept_and_written_into_the_page(browser):
    client = browser("reader")
    own = {"sec-fetch-site": "same-origin"}
    back = client.post("/prefer", data={"theme": "dark", "there": "/?q=heron"}, headers=own)
    assert back.headers["location"] == "/?q=heron"
    assert 'data-theme="dark"' in client.get("/").text


def test_pages_are_in_the_language_of_the_browser_or_in_the_one_that_was_chosen(browser):
    client, chinese = browser("reader"), {"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"}
    server = browser("server")
    of_the_server = ("/capture", "/system", "/system/access", "/system/audit", "/connect/imports")
    pages = [(client, path) for path in ("/", "/?q=heron", "/?q=copper", "/sessions")]
    for asks, path in [*pages, *((server, path) for path in of_the_server)]:
        page = asks.get(path, headers=chinese).text
        assert '<html lang="zh"' in page
        own = re.sub(r'<(\w+)[^>]* dir="auto".*?</\1>', "", page, flags=re.DOTALL)  # what was said
        shown = re.sub(r"<[^>]*>", "\n", own)
        english = re.findall(r"\b[A-Za-z]+ [a-z]+ [a-z]+\b.*", shown)
        assert [one for one in english if "heron" not in one and "old mill" not in one] == []
    own = {"sec-fetch-site": "same-origin", **chinese}
    client.post("/prefer", data={"language": "en"}, headers=own)
    assert '<html lang="en"' in client.get("/", headers=chinese).text


async def test_files_are_kept_for_ever_under_the_digest_of_all_and_nothing_else_is_served(tmp_path):
    app = app_with(tmp_path, pages=True, token="a-token-of-at-least-32-characters!")
    async with caller(app) as client:
        page = (await client.get("/")).text
        files = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page))
        assert len(files) >= 4
        total = len(page)
        for path in files:
            answer = await client.get(path, headers={"accept-encoding": "identity"})
            assert answer.status_code == 200
            assert "immutable" in answer.headers["cache-control"]
            total += len(answer.content)
        assert total <= 100_000
        assert len(app.state.services.audit.events) == 1
        for path in ("/static/0/console.css", f"/static/{assets.DIGEST}/..%2Fassets.py"):
            assert (await client.get(path)).status_code in {401, 404}


def test_a_server_that_is_left_without_pages_asks_for_its_token_at_all_paths(tmp_path):
    paths = {getattr(route, "path", "") for route in app_with(tmp_path).routes}
    assert not {"/", "/sign-in"} & paths


def test_what_others_wrote_is_what_the_bill_of_materials_says():
    listed = json.loads((FOLDER / "vendored.json").read_text())
    assert [(one["name"], one["version"]) for one in listed] == [("htmx.org", "4.0.1")]
    files = FOLDER / "static"
    digest = hashlib.sha256((files / "htmx.min.js").read_bytes()).hexdigest()
    assert digest == listed[0]["hashes"][0]["content"]
    assert "Zero-Clause BSD" in (files / "htmx.LICENSE").read_text()


def test_the_own_script_is_small():
    assert (FOLDER / "static" / "console.js").stat().st_size < 10_000


def test_an_address_that_names_no_page_is_told_in_one_that_leads_back(browser):
    page = {"accept": "text/html,application/xhtml+xml"}
    for who in ("reader", None):
        for path in ("/nothing", "/system/nothing", "/sign-out"):
            answer = browser(who).get(path, headers=page)
            assert answer.status_code in {404, 405 if path == "/sign-out" else 404}
            assert answer.headers["content-type"].startswith("text/html")
            assert '<a class="go" href="/">Go to the home page</a>' in answer.text
    for path, headers in (("/nothing", {}), ("/api/v1/nothing", page), ("/metrics", page)):
        answer = browser(None).get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.json()["type"] == "urn:sage:problem:token"
