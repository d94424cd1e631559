"""The page that brings in what was said before: a file is handed in, counted, and imported."""

import json

import pytest

from tests.console.conftest import HOSTILE, OWN
from tests.support.polling import wait_for

PAGE = "/connect/imports"


def lines_of(number, session="egrets"):
    one = {"session_id": session, "role": "user", "created_at": "2026-05-08T13:56:00Z"}
    said = [one | {"content": f"Egret {place} nests. {HOSTILE}"} for place in range(number)]
    return "\n".join(map(json.dumps, said)).encode()


def hand_in(client, content, name="egrets.jsonl", **fields):
    return client.post(f"{PAGE}/file", data=fields, files={"file": (name, content)}, headers=OWN)


def until(client, text, **options):
    """Wait until the page says something; return it."""
    wait_for(lambda: text in client.get(PAGE, **options).text, 60)
    return client.get(PAGE, **options).text


def id_of(page):
    return page.partition('name="id" value="')[2].partition('"')[0]


@pytest.fixture
def writer(browser, paged):
    yield browser("writer")
    for one in paged.request("writer", "GET", "/api/v1/imports").json()["imports"]:
        paged.request("writer", "DELETE", f"/api/v1/imports/{one['import_id']}")
    for one in paged.request("writer", "GET", "/api/v1/imports/files").json()["files"]:
        paged.request("writer", "DELETE", f"/api/v1/imports/files/{one['import_id']}")


def test_a_file_is_counted_imported_and_taken_back_without_script(writer):
    assert hand_in(writer, lines_of(3), "C:\\birds\\白鹭.jsonl").headers["location"] == PAGE
    page = until(writer, "3 messages are new. Nothing is stored yet.")
    assert "<bdi>白鹭.jsonl</bdi>" in page
    assert "Egret 0 nests. &lt;/p&gt;&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "8 May 2026" in page
    assert "3 messages, 3 new" in page
    assert 'http-equiv="refresh"' not in page
    begun = writer.post(f"{PAGE}/start", data={"id": id_of(page)}, headers=OWN)
    assert begun.headers["location"] == PAGE
    page = until(writer, "3 messages were imported.")
    assert "3 messages of this import are deleted" in page
    assert writer.post(f"{PAGE}/undo", data={"id": id_of(page)}, headers=OWN).status_code == 303
    page = writer.get(PAGE).text
    assert "egrets" not in page
    assert "Nothing yet." in page


def test_while_it_is_read_the_page_renews_itself_and_can_stop_it(writer, paged):
    hand_in(writer, lines_of(20_000))
    page = until(writer, "20,000 messages are new")
    assert writer.post(f"{PAGE}/start", data={"id": id_of(page)}, headers=OWN).status_code == 303
    page = writer.get(PAGE).text
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "Refresh" in page
    assert 'id="handed"' not in page
    busy = hand_in(writer, b"{}")
    assert busy.status_code == 429
    assert f'href="{PAGE}"' in busy.text

    def added():
        told = paged.request("writer", "GET", "/api/v1/imports/files").json()
        return told["files"][0]["added"]

    wait_for(lambda: added() > 0, 60)
    stopped = writer.post(f"{PAGE}/stop", data={"id": id_of(page)}, headers=OWN)
    assert stopped.status_code == 303
    part = writer.get(PAGE, headers={"hx-request": "true"})
    assert part.headers["hx-refresh"] == "true"
    assert "messages were imported and remain." in part.text


def test_what_cannot_be_read_is_told_with_what_helps_in_chinese_too(writer):
    hand_in(writer, b"\x89PNG\r\n\x1a\n" + bytes(90), "heron.png")
    page = until(writer, "It cannot be imported.")
    assert "heron.png: nothing that Sage can import was found there" in page
    assert "upload an export as downloaded" in page
    chinese = writer.get(PAGE, headers={"accept-language": "zh"}).text
    assert "没有找到 Sage 可以导入的内容" in chinese
    assert "nothing that Sage" not in chinese
    table = b"content,date\nAn egret,04/03/2026\n"
    hand_in(writer, table, "a.csv")
    assert "choose the date format under Options" in until(writer, "It contains nothing new.")
    hand_in(writer, table, "a.csv", date_format="%d/%m/%Y", written_at="2026-01-01T00:00:00Z")
    assert "4 Mar 2026" in until(writer, "1 message is new")


def test_a_form_that_is_no_form_with_a_file_changes_nothing(writer, browser):
    for content, headers in (
        (b"id=1", {"content-type": "application/x-www-form-urlencoded"}),
        (b"--b\r\nno form", {"content-type": "multipart/form-data; boundary=b"}),
        (b"", {"content-type": "multipart/form-data"}),
        (b"", {"content-type": f"multipart/form-data; boundary={'b' * 300}"}),
    ):
        answer = writer.post(f"{PAGE}/file", content=content, headers={**OWN, **headers})
        assert answer.status_code == 422
        assert "choose" in answer.text
    assert hand_in(writer, b"", "").status_code == 422
    assert hand_in(writer, b"x" * 100, "a.csv", since="whenever").status_code == 422
    assert hand_in(browser("reader"), lines_of(1)).status_code == 403
    assert 'id="this-file"' not in writer.get(PAGE).text
