"""`/api/v1/imports/files`: a file is counted, imported in the background, and taken back."""

import asyncio
import io
import json
import os
import socket
import time
import zipfile
from uuid import uuid4

import httpx
import pytest

from sage.config.settings import ImportSettings
from tests.api.http.test_import_stream import KEY, OWNER, _tokens, told
from tests.support.each import each
from tests.support.live import new_database, session_id
from tests.support.polling import wait_for
from tests.support.serving import serving, settings_for

__all__ = ["session_id"]

ROUTE = "/api/v1/imports/files"
NOTE = b"# A\n" * 2_200_000


@pytest.fixture(scope="module")
def small(postgres_server, migrated_template, tmp_path_factory):
    """Serve a Sage that takes no large files; return a client of it."""
    data = tmp_path_factory.mktemp("small")
    with new_database(postgres_server, migrated_template) as dsn:
        bounded = ImportSettings(max_file_mb=1)
        settings = settings_for(dsn, data).model_copy(update={"imports": bounded})
        with serving(settings) as url, httpx.Client(base_url=url, timeout=60) as client:
            client.data = data
            yield client


@pytest.fixture(scope="module")
def served(postgres_server, migrated_template, tmp_path_factory):
    """Serve a Sage with two members and a reader; return their clients."""
    with new_database(postgres_server, migrated_template) as dsn:
        data = tmp_path_factory.mktemp("data")
        tokens = asyncio.run(_tokens(dsn))
        with serving(settings_for(dsn, data, token=OWNER)) as url:
            clients = {
                name: httpx.Client(
                    base_url=url, timeout=60, headers={"authorization": f"Bearer {token}"}
                )
                for name, token in {**tokens, "owner": OWNER}.items()
            }
            clients["data"] = data
            yield clients
            for name, client in clients.items():
                if name != "data":
                    client.close()


def chatgpt(session, *texts):
    """Return an export of ChatGPT with a conversation, as it is downloaded."""
    mapping, before = {}, None
    for number, text in enumerate(texts):
        key = f"{session}-{number}"
        role = ("user", "assistant")[number % 2]
        content = {"content_type": "text", "parts": [text]}
        message = {
            "id": key,
            "author": {"role": role},
            "create_time": 1.7e9 + number,
            "content": content,
        }
        mapping[key] = {"id": key, "parent": before, "message": message}
        before = key
    one = {"conversation_id": session, "mapping": mapping, "current_node": before}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("conversations.json", json.dumps([one]))
        made.writestr("picture.png", b"x")
    return packed.getvalue()


def hand_in(client, content, name="chatgpt.zip", **params):
    answer = client.post(ROUTE, content=content, params={"name": name, **params})
    assert answer.status_code == 200, answer.text
    return read(client, answer.json()["import_id"])


def read(client, import_id):
    """Return what is told of a file when it is at work no more."""

    def told():
        return client.get(f"{ROUTE}/{import_id}").json()

    wait_for(lambda: told()["state"] not in {"counting", "importing"}, 60)
    return told()


def start(client, import_id):
    answer = client.post(f"{ROUTE}/{import_id}/start")
    assert answer.status_code == 200, answer.text
    return read(client, import_id)


def contents(served):
    return [*served["data"].glob("uploads/*/content/*")]


def lines_of(number):
    """Return a file of Sage with so many memories."""
    one = {"session_id": "many", "role": "user"}
    said = (json.dumps(one | {"content": f"Heron {place} nests."}) for place in range(number))
    return "\n".join(said).encode()


def packed(**members):
    """Return a zip archive of some files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return made.getvalue()


def test_a_file_is_counted_imported_once_and_taken_back(served, session_id):
    anna, owner = served["anna"], served["owner"]
    export = chatgpt(session_id, "A heron.", "It nests.", "Where? " + KEY)
    counted = hand_in(anna, export, "../../chatgpt.zip")
    assert (counted["name"], counted["state"]) == ("chatgpt.zip", "counted")
    assert (counted["messages"], counted["added"], counted["there"]) == (3, 3, 0)
    assert (counted["first_at"], counted["last_at"]) == (
        "2023-11-14T22:13:20Z",
        "2023-11-14T22:13:22Z",
    )
    assert [one["text"] for one in counted["sample"][:2]] == ["A heron.", "It nests."]
    assert KEY not in json.dumps(counted)
    assert counted["notes"] == ["skipped: 1 file of unknown type: picture.png"]
    assert told(owner, f"chatgpt:{session_id}") == []
    assert contents(served)
    done = start(anna, counted["import_id"])
    assert (done["state"], done["added"], done["there"]) == ("imported", 3, 0)
    assert [one["source"] for one in done["sources"]] == ["chatgpt"]
    assert len(told(owner, f"chatgpt:{session_id}")) == 3
    assert not contents(served)
    again = hand_in(anna, export)
    assert (again["state"], again["added"], again["there"]) == ("counted", 0, 3)
    kept = anna.get(f"/api/v1/imports/{done['import_id']}").json()
    assert (kept["memories"], kept["author"], kept["sources"]) == (3, "anna", ["chatgpt"])
    undone = anna.delete(f"/api/v1/imports/{done['import_id']}").json()
    assert (undone["undone"], undone["left"]) == (3, 0)
    assert told(owner, f"chatgpt:{session_id}") == []


def test_lines_of_sage_are_all_checked_before_any_is_counted(served, session_id):
    anna = served["anna"]
    right = {"session_id": session_id, "role": "user", "content": "A heron."}
    wrong = hand_in(anna, f"{json.dumps(right)}\nno line\n", "memories.jsonl")
    assert (wrong["state"], wrong["problem"]) == (
        "refused",
        "memories.jsonl: 1 invalid line; nothing was imported",
    )
    assert wrong["notes"][0].startswith("line 2")
    gbk = hand_in(anna, '{"role": "user", "content": "龙井"}'.encode("gbk"), "memories.jsonl")
    assert "iconv -f GBK -t UTF-8" in gbk["hint"]
    bare = {"role": "user", "content": "A crane."}
    one = hand_in(anna, json.dumps(bare), "chat.jsonl", session_id=session_id)
    assert (one["state"], one["added"], one["sources"][0]["source"]) == ("counted", 1, "sage")
    assert start(anna, one["import_id"])["added"] == 1
    assert told(served["owner"], session_id) == ["A crane."]


@each(
    ("name", "content", "said"),
    (
        ("bomb.zip", lambda: packed(conversations__json=b" " * 13_000_000), "unpacks to"),
        ("many.zip", lambda: packed(**dict.fromkeys(("a__md", "b__md"), NOTE)), "unpacks to"),
        ("broken.zip", chatgpt("s", "A heron.")[:300], "is a damaged zip archive"),
        ("outer.zip", packed(inner__zip=packed(a__md=b"# A\n\nB")), "an archive within an archive"),
        ("notes.tar.gz", b"\x1f\x8b\x08" + bytes(90), "is an unsupported kind of archive"),
        ("heron.png", b"\x89PNG\r\n\x1a\n" + bytes(90), "nothing that Sage can import"),
        ("list.json", '[{"mapping": {"a"', "is truncated"),
    ),
)
def test_a_hostile_or_strange_file_is_refused_with_a_hint(small, name, content, said):
    refused = hand_in(small, content() if callable(content) else content, name)
    assert refused["state"] == "refused"
    assert said in refused["problem"]
    assert refused["problem"].startswith(name)
    assert refused["hint"]
    assert str(small.data) not in json.dumps(refused)


def test_what_is_in_an_archive_cannot_leave_it(small):
    archive = packed(**{"../../../escaped__md": "# Out\n\nOf here."})
    counted = hand_in(small, archive, "notes.zip")
    assert (counted["state"], counted["added"]) == ("counted", 1)
    assert not [*small.data.rglob("escaped*")]


def test_a_file_is_refused_before_it_comes_in_or_as_soon_as_it_is_too_long(small):
    address = small.base_url.host, small.base_url.port
    head = f"POST {ROUTE}?name=a HTTP/1.1\r\nhost: 127.0.0.1:{address[1]}\r\n"
    with socket.create_connection(address) as sent:
        sent.settimeout(30)
        sent.sendall(f"{head}content-length: 1000001\r\n\r\n".encode())
        assert b" 413 " in sent.recv(100)  # without a byte of it
    chunked = small.post(ROUTE, params={"name": "a"}, content=iter([bytes(600_000)] * 2))
    assert (chunked.status_code, chunked.json()["type"]) == (413, "urn:sage:problem:too-large")
    assert "SAGE_IMPORT_MAX_MB" in chunked.json()["hint"]
    assert small.post(ROUTE, params={"name": "a"}, content=b"").status_code == 422
    with socket.create_connection(address) as left:
        left.sendall(f"{head}content-length: 900000\r\n\r\nbeginning".encode())
        wait_for(lambda: [*small.data.glob("uploads/*/content/*")], 30)
    wait_for(lambda: not [*small.data.glob("uploads/*/content/*")], 30)
    assert small.get(ROUTE).json()["files"] == []


def test_options_are_those_of_the_command_line_and_checked_before(served):
    anna = served["anna"]
    for params, field in (
        ({"since": "soon"}, "since"),
        ({"include": "everything"}, "include"),
        ({"date_format": "%d"}, "date_format"),
        ({"written_at": "once"}, "written_at"),
        ({"session_id": ""}, "session_id"),
    ):
        refused = anna.post(ROUTE, params={"name": "a.csv", **params}, content=b"x")
        assert (refused.status_code, refused.json()["field"]) == (422, field)
    table = "content,date\nA heron,04/03/2026\nA crane,05/03/2020\n"
    assert hand_in(anna, table, "a.csv")["sources"][0]["left_out"] == {"ambiguous date": 2}
    read = hand_in(anna, table, "a.csv", date_format="%d/%m/%Y", since="2026-01-01")
    assert (read["added"], read["first_at"]) == (1, "2026-03-04T00:00:00Z")
    note = hand_in(anna, "# Tea\n\nOolong.", "tea.md", written_at="2020-02-02T02:02:02Z")
    assert note["first_at"] == "2020-02-02T02:02:02Z"


def test_a_file_is_seen_and_begun_by_whoever_handed_it_in_and_by_a_writer(served):
    anna, bert = served["anna"], served["bert"]
    mine = hand_in(anna, lines_of(2), "many.jsonl")["import_id"]
    for refused in (
        bert.get(f"{ROUTE}/{mine}"),
        bert.post(f"{ROUTE}/{mine}/start"),
        bert.delete(f"{ROUTE}/{mine}"),
        anna.delete(f"{ROUTE}/{uuid4()}"),
    ):
        assert refused.status_code == 404
        assert refused.json()["hint"]
    assert bert.get(ROUTE).json()["files"] == []
    assert served["machine"].get(f"{ROUTE}/{mine}").status_code == 200  # of the same person
    reader = served["reader"]
    assert reader.post(ROUTE, params={"name": "a"}, content=b"x").status_code == 403
    assert anna.delete(f"{ROUTE}/{mine}").json()["files"] == []
    assert anna.post(f"{ROUTE}/{mine}/start").status_code == 404
    refused = anna.delete(ROUTE)  # `files` is no id of an import
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, POST")


def test_one_file_of_a_person_is_read_at_a_time_and_stops_when_told(served):
    bert = served["bert"]
    mine = hand_in(bert, lines_of(30_000), "many.jsonl")["import_id"]
    assert bert.post(f"{ROUTE}/{mine}/start").status_code == 200
    busy = bert.post(ROUTE, params={"name": "a"}, content=b"x")
    assert (busy.status_code, busy.headers["retry-after"]) == (429, "10")
    wait_for(lambda: bert.get(f"{ROUTE}/{mine}").json()["added"] > 0, 60)
    (stopped,) = bert.delete(f"{ROUTE}/{mine}").json()["files"]
    assert stopped["state"] == "stopped"
    assert 0 < stopped["added"] < 30_000
    kept = bert.get(f"/api/v1/imports/{mine}").json()["memories"]
    assert kept == stopped["added"]
    left = kept
    while left:
        undone = bert.delete(f"/api/v1/imports/{mine}")
        assert undone.status_code == 200, undone.text
        left = undone.json()["left"]
    assert bert.get(ROUTE).json()["files"] == []


def test_only_files_that_are_there_keep_others_from_handing_in_theirs(small):
    others = [small.data / "uploads" / f"other{number}" for number in range(40)]
    for one in others:  # whose files were imported
        one.mkdir(parents=True)
    mine = hand_in(small, lines_of(1), "mine.jsonl")["import_id"]
    for one in others:
        (one / "content").mkdir()
    refused = small.post(ROUTE, params={"name": "a"}, content=b"x")
    assert (refused.status_code, refused.json()["detail"][:16]) == (429, "too many uploads")
    assert read(small, mine)["state"] == "counted"
    for one in others:
        (one / "content").rmdir()
        one.rmdir()
    assert small.delete(f"{ROUTE}/{mine}").json()["files"] == []


def test_what_a_stop_of_sage_interrupted_goes_on_and_is_removed_in_time(
    postgres_server, migrated_template, tmp_path
):
    with new_database(postgres_server, migrated_template) as dsn:
        settings = settings_for(dsn, tmp_path)
        with serving(settings) as url, httpx.Client(base_url=url, timeout=60) as client:
            mine = hand_in(client, lines_of(6_000), "many.jsonl")["import_id"]
            client.post(f"{ROUTE}/{mine}/start")
            wait_for(lambda: client.get(f"{ROUTE}/{mine}").json()["added"] > 0, 60)
        with serving(settings) as url, httpx.Client(base_url=url, timeout=60) as client:
            told = client.get(f"{ROUTE}/{mine}").json()
            assert (told["state"], told["hint"][:8]) == ("interrupted", "continue")
            done = start(client, mine)
            assert (done["state"], done["added"] + done["there"]) == ("imported", 6_000)
            assert done["there"] > 0
            assert client.get(f"/api/v1/imports/{mine}").json()["memories"] == 6_000
            left = hand_in(client, lines_of(1), "one.jsonl")["import_id"]
        long_ago = time.time() - 3_700
        (record,) = tmp_path.glob("uploads/*/record.json")
        os.utime(record, (long_ago, long_ago))
        with serving(settings) as url, httpx.Client(base_url=url, timeout=60) as client:
            wait_for(lambda: not [*tmp_path.glob("uploads/*")], 30)
            assert client.get(f"{ROUTE}/{left}").status_code == 404
