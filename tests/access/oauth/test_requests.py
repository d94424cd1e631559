"""Requests that are too large, or hold what no app sends: refused before they are parsed."""

import pytest

from sage.access.oauth.limits import BODY_BYTES, MAX_FIELDS
from tests.support.log_lines import logged
from tests.support.oauth import REDIRECT
from tests.support.oauth_app import App

FORMS = [path for path in BODY_BYTES if path != "/register"]
FORM = {"content-type": "application/x-www-form-urlencoded"}
PARTS = {"content-type": "multipart/form-data; boundary=b"}


@pytest.fixture
async def app(sage):
    async with App(sage.url, sage.tokens["writer"]) as made:
        yield made


async def test_a_body_that_is_larger_than_any_app_sends_is_refused(app):
    for path, most in BODY_BYTES.items():
        for size, is_refused in ((most, False), (most + 1, True)):
            answer = await app.http.post(path, content="a" * size, headers=FORM)
            assert (answer.status_code == 413) is is_refused, (path, size)


async def test_a_form_of_more_fields_than_any_app_sends_is_refused(app):
    for path in FORMS:
        for count, is_refused in ((MAX_FIELDS, False), (MAX_FIELDS + 1, True), (16_000, True)):
            content = "&".join("a" * count)[: 16 * 1024]
            answer = await app.http.post(path, content=content, headers=FORM)
            assert ("more than 32 parameters" in answer.text) is is_refused, (path, count)
    answer = await app.http.get("/authorize?" + "&" * MAX_FIELDS)
    assert "more than 32 parameters" in answer.text


async def test_a_form_in_parts_is_refused(app):
    for path in FORMS:
        answer = await app.http.post(path, files={"a": b"b"})
        assert answer.json()["error"] == "invalid_request", path


async def test_a_nul_character_is_refused_wherever_it_comes_in(app):
    asked = [await app.authorize(client_id="a\0"), await app.authorize(state="\0")]
    asked += [await app.exchange("a", client_id="\0"), await app.refresh("\0")]
    asked += [await app.http.post("/revoke", data={"token": "a", "client_id": "\0"})]
    asked += [await app.register(client_name="\0"), await app.register(jwks=["\0"])]
    assert [one.status_code for one in asked] == [400] * len(asked)


async def test_ten_redirect_addresses_are_enough_for_an_app(app):
    assert (await app.register(redirect_uris=[REDIRECT] * 10)).status_code == 201
    refused = await app.register(redirect_uris=[REDIRECT] * 11)
    assert "more than 10 redirect URIs" in refused.json()["error_description"]


async def test_what_is_wrong_without_a_token_is_seldom_logged_and_never_with_a_trace(app, tmp_path):
    sent = {"/authorize": ("a&" * 1_001, FORM), "/token": ("--b\r\n-", PARTS)}
    with logged(tmp_path / "log", "INFO") as read:
        for _ in range(20):
            for path, (content, headers) in sent.items():
                answer = await app.http.post(path, content=content, headers=headers)
                assert answer.status_code == 400
        lines = [line for line in read() if line["logger"] != "uvicorn.access"]
    assert len(lines) < 10
    assert {line["event"] for line in lines} <= {"request"}
