"""The page at /docs: it describes everything, loads nothing and runs nothing."""

import re
from html.parser import HTMLParser

import pytest

from sage.api.arguments.values import MEMORY_ID
from sage.api.http.documentation import render
from tests.support import plain_http


class Elements(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.seen = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


@pytest.fixture
def page(sage_url):
    return plain_http.get(f"{sage_url}/docs")


def test_the_page_loads_nothing_and_runs_nothing(page):
    assert page.headers["content-type"].startswith("text/html")
    elements = Elements(page.text).seen
    assert not [tag for tag, _ in elements if tag in {"script", "link", "img", "iframe", "form"}]
    loaded = {value for _, attributes in elements for value in attributes.values() if value}
    assert not [value for value in loaded if re.search(r"//|^javascript:|^data:", value)]
    assert not re.search(r"@import|url\(", page.text)


def test_a_browser_is_told_to_hold_the_page_to_that(page):
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_every_operation_argument_and_answer_is_on_the_page(page, sage_url):
    document = plain_http.get(f"{sage_url}/openapi.json").json()
    for path in document["paths"]:
        assert f"<code>{path}</code>" in page.text
    for schema in ("SaveArguments", "SearchArguments", "ForgetArguments"):
        for name in document["components"]["schemas"][schema]["properties"]:
            assert f"<code>{name}</code>" in page.text
    assert "The pottery class starts on Friday." in page.text


def test_a_text_of_the_document_is_no_markup():
    operation = {"summary": "<script>", "description": "<b>", "responses": {}}
    document = {
        "info": {"title": "<i>", "version": "1", "description": "&"},
        "paths": {"/<u>": {"get": operation}},
        "components": {"schemas": {}},
    }
    tags = {tag for tag, _ in Elements(render(document)).seen}
    assert not tags & {"script", "i", "u"}


def test_every_route_of_a_memory_accepts_short_ids_and_says_so(sage_url):
    paths = plain_http.get(f"{sage_url}/openapi.json").json()["paths"]
    described = {
        parameter["description"]
        for operations in paths.values()
        for operation in operations.values()
        for parameter in operation.get("parameters", [])
        if (parameter["name"], parameter["in"]) == ("memory_id", "path")
    }
    assert described == {MEMORY_ID}
