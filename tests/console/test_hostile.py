"""What others wrote is text in every page: it runs nothing, fetches nothing, and hides nothing."""

import asyncio
import re
import time
from datetime import UTC, datetime
from html import unescape
from html.parser import HTMLParser
from urllib.parse import quote
from uuid import uuid4

import pytest

from sage.console.escaping import exact, name_unseen, visible
from sage.console.markdown import as_html
from sage.console.messages import render_messages
from sage.domain.memories import Memory, Role
from tests.console.conftest import OWN
from tests.console.states import STATES
from tests.support.each import each

NOW = datetime.now(UTC)
TURNED = "\u202egnp.exe\u2066\u200b"
NAME = f'<b onclick="x">Mallory</b> {TURNED}'
SESSION = f"</title><script>s</script>{TURNED}"
PROJECT = f'"><script>p</script>{TURNED}'
WORD = "gyrfalcon"
MESSAGE = (
    f"</p></article><script>alert(1)</script> {WORD} {TURNED} <img src=https://evil.example/a>\n\n"
    "![pixel](https://evil.example/b) [press](javascript:alert(2)) [data](data:text/html,x)\n"
    "[fine](https://fine.example/c) [](https://fine.example/d) &#8238;\n\n"
    "| a | b |\n|:-:|--:|\n| <i> | 2 |\n\n"
    '```html"><script>\n</code></pre><script>alert(3)</script>\n```\n'
)
LONG = f"{WORD} " + "\u202e<b>" * 24_000
UNSEEN = re.compile("[\u202a-\u202e\u2066-\u2069\u200b]")


class _Page(HTMLParser):
    """The elements of a page, what is read in it, and the addresses elsewhere that it has."""

    def __init__(self, text):
        super().__init__()
        self.names, self.texts, self.outside = [], [], set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        for name, value in attrs:
            assert name != "style"
            assert not name.startswith("on")
            if name in ("aria-label", "title", "alt", "placeholder"):
                self.texts.append(value)
            elsewhere = r"(?!cursor:|vscode:)\w+:|//"  # these add a server to a client
            if name in ("src", "href", "action") and re.match(elsewhere, value):
                assert tag == "a"
                assert ("rel", "noreferrer noopener") in attrs
                self.outside.add(value)

    def handle_data(self, data):
        self.texts.append(data)


@pytest.fixture(scope="module")
def planted(paged):
    """Save a hostile conversation; return the ids of its messages."""
    messages = [
        {"role": "user", "content": MESSAGE, "name": NAME},
        {"role": "assistant", "content": MESSAGE, "name": NAME},
        {"role": "assistant", "content": LONG},
    ]
    body = {"messages": messages, "session_id": SESSION, "metadata": {"project": PROJECT}}
    saved = paged.request("writer", "POST", "/api/v1/conversations", json=body).json()
    again = {**body, "session_id": f"{SESSION}, again"}
    paged.request("writer", "POST", "/api/v1/conversations", json=again)
    yield saved["memory_ids"]
    for session_id in (SESSION, again["session_id"]):
        paged.request("writer", "POST", "/api/v1/forget", json={"session_id": session_id})


def test_a_hostile_memory_is_text_on_every_page(browser, planted):
    client = browser("owner")
    here = f"/sessions/{quote(SESSION, safe='')}"
    found = {"q": f"what of the {WORD}", "hit": planted[1]}
    pages = [
        *(("/", {}), ("/", found), ("/", {**found, "other": planted[0]})),
        *(("/", {"q": TURNED, "other": TURNED, "project": PROJECT}), (here, {})),
        *((here, {"hit": planted[0], "q": WORD}), (here, {"hit": planted[1], "q": WORD})),
        *(("/sessions", {"project": PROJECT}), (f"/messages/{planted[1]}", {})),
        *(("/connect", {"client": TURNED}), ("/connect/imports", {}), ("/system", {})),
        *(("/system/access", {}), ("/system/audit", {}), ("/system/audit", {"user": NAME})),
        *(("/tidy/duplicates", {}), ("/tidy/near-duplicates", {}), (f"/tidy/{quote(TURNED)}", {})),
        *(("/forgotten", {"by": NAME}), ("/forgotten", {})),
        *((f"/sessions/{quote(TURNED)}", {}), ("/sessions", {"day": TURNED})),
        *((one.path, None) for one in STATES.values() if "{" not in one.path and one.who is None),
    ]
    for path, query in pages:
        answer = client.get(path, params=query)
        assert "text/html" in answer.headers["content-type"], path
        page = _Page(answer.text)
        assert not [text for text in page.texts if UNSEEN.search(text)], path
        assert {*page.names} & {"iframe", "style", "img", "b"} == set(), path
        assert page.names.count("script") in (0, 2), path  # none in a part of one
        assert page.outside <= {"https://fine.example/c", "https://fine.example/d"}, path
        assert len(answer.content) < 4_000_000, path


def test_a_hostile_message_stays_in_its_place_and_is_marked(browser, planted):
    client = browser("reader")
    page = client.get(f"/sessions/{quote(SESSION, safe='')}", params={"hit": planted[1], "q": WORD})
    articles = re.findall(r"(?s)<article.*?</article>", page.text)
    assert len(articles) == 3
    text = unescape(re.sub(r"<[^>]+>", "", articles[1]))
    for piece in ("<script>alert(1)</script>", "![pixel](https://evil.example/b)", "&#8238;"):
        assert piece in text
    assert "[press](javascript:alert(2))" in text
    assert 'html"><script>' in text
    assert f"<mark>{WORD}</mark>" in articles[1]
    assert '<span class="unseen" title="right-to-left override">U+202E</span>gnp.exe' in articles[1]
    assert "<bdi>&lt;b onclick=" in articles[1]
    assert "Show all" in articles[2]
    assert "Show all" not in articles[1]


def test_what_a_form_sends_back_is_what_was_written(browser, planted):
    client = browser("writer")
    page = client.get(f"/messages/{planted[0]}", params={"edit": 1}).text
    written = re.search(r"(?s)<textarea[^>]*>\n(.*?)</textarea>", page)[1]
    assert unescape(written) == MESSAGE
    narrowed = client.get("/sessions", params={"project": PROJECT}).text
    values = re.findall(r'<option value="([^"]*)" selected>', narrowed)
    assert [unescape(one) for one in values] == [PROJECT]
    form = {"id": planted[0], "text": f"{WORD} {TURNED}"}
    there = client.post("/correct", data=form, headers=OWN).headers["location"]
    assert "U+202E" in client.get(there).text


@each(
    ("text", "html"),
    [
        ("__init__.py and C:\\.venv\\x", "<p>__init__.py and C:\\.venv\\x</p>\n"),
        ("**so** *it* is\nhere", "<p><strong>so</strong> <em>it</em> is<br />\nhere</p>\n"),
        ("# Nests", '<p class="heading">Nests</p>\n'),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>\n'),
        ("[x]: https://a.example", "<p>[x]: https://a.example</p>\n"),
        ("<https://a.example/%E2%80%AE>", None),
        ("a | b\n-|-\n1 | 2 | 3", "<p>a | b<br />\n-|-<br />\n1 | 2 | 3</p>\n"),
    ],
)
def test_markdown_keeps_what_was_written(text, html):
    made = as_html(text)
    assert made == html or (html is None and "U+202E" in made)


async def test_tables_and_long_questions_make_no_page_dear():
    def said(text):
        return Memory(uuid4(), "s", Role.ASSISTANT, None, text, NOW)

    async def took_s(query):
        began = time.process_time()
        await render_messages([marked], hit=marked.memory_id, query=query)
        return time.process_time() - began

    marked = said("*a*b" * 500)
    asked = " ".join(f"heron{number}" for number in range(2_000))
    short = min([await took_s("heron") for _ in range(3)])
    assert min([await took_s(asked) for _ in range(3)]) < 20 * short + 0.05
    wide = "|a" * 250 + "\n" + "|-" * 250 + "\n" + "|\n" * 262
    ordinary = "| a | b |\n|---|---|\n" + "| 1 | |\n" * 100
    tables = await render_messages([said(wide), said(ordinary)])
    assert [one.html is None for one in tables] == [True, False]


async def test_other_requests_go_on_while_hostile_texts_are_made_into_a_page():
    said = [Memory(uuid4(), "s", Role.ASSISTANT, None, "![[](" * n, NOW) for n in (2_000, 20_000)]
    making, turns = asyncio.ensure_future(render_messages(said)), 0
    while not making.done():
        await asyncio.sleep(0.005)
        turns += 1
    assert turns > 3
    assert [one.html is None for one in making.result()] == [False, True]


def test_of_very_many_unseen_characters_some_are_named():
    assert len(visible("a\u200b" * 50_000)) < 300_000
    assert name_unseen("a\u202eb") == "a[U+202E]b"
    assert name_unseen(exact("a\u202eb")) == "a\u202eb"
    assert visible("👩\u200d👧 ok") == "👩\u200d👧 ok"
