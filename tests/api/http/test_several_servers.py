"""Two servers on one database, each with a data directory of its own, answer alike."""

import json
from uuid import uuid4

import httpx
import pytest

from sage.console.pages import ConsolePages
from tests.support.live import new_database
from tests.support.serving import serving, settings_for

OWNER = "a-token-of-at-least-32-characters!"
NAME = "sage.example.org"
KEY = "sk-proj-" + "4f9AbZ7qLm2KxT8w" * 3


@pytest.fixture(scope="module")
def two(postgres_server, migrated_template, tmp_path_factory):
    """Serve two Sages under one public address; return a client of each."""
    with new_database(postgres_server, migrated_template) as dsn:
        both = [
            settings_for(
                dsn, tmp_path_factory.mktemp("data"), token=OWNER, public_url=f"https://{NAME}"
            )
            for _ in range(2)
        ]
        with (
            serving(both[0], pages=ConsolePages(both[0].server)) as one,
            serving(both[1], pages=ConsolePages(both[1].server)) as other,
            client_of(one) as first,
            client_of(other) as second,
        ):
            yield first, second


def client_of(url, token=OWNER):
    headers = {"host": NAME} | ({"authorization": f"Bearer {token}"} if token else {})
    return httpx.Client(base_url=url, timeout=60, headers=headers)


def save(client, text):
    answer = client.post(
        "/api/v1/conversations", json={"messages": [{"role": "user", "content": text}]}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["memory_ids"][0]


def content_of(client, memory_id):
    return client.get(f"/api/v1/memories/{memory_id}").json()["content"]


def test_a_token_opens_and_ends_everywhere_at_once(two):
    one, other = two
    made = one.post("/api/v1/tokens", json={"opens": ["default:writer"], "name": "anna"}).json()
    with client_of(str(other.base_url), made["token"]) as anna:
        assert anna.get("/api/v1/stats").status_code == 200
        rotated = one.post("/api/v1/tokens/anna/rotate").json()
        assert anna.get("/api/v1/stats").status_code == 401
        anna.headers["authorization"] = f"Bearer {rotated['token']}"
        assert anna.get("/api/v1/stats").status_code == 200
        assert one.delete("/api/v1/tokens/anna").status_code == 200
        assert anna.get("/api/v1/stats").status_code == 401


def test_what_is_saved_or_forgotten_at_one_is_so_at_the_other(two):
    one, other = two
    kept = save(one, "The heron nests by the mill.")
    found = other.post("/api/v1/search", json={"query": "heron"}).json()
    assert kept in json.dumps(found)
    gone = other.post("/api/v1/forget", json={"memory_ids": [kept]})
    assert gone.status_code == 200, gone.text
    assert kept not in json.dumps(one.post("/api/v1/search", json={"query": "heron"}).json())


def test_how_a_space_is_set_up_counts_for_the_next_save_anywhere(two):
    one, other = two
    for masking, is_kept in (("off", True), ("on", False)):
        assert (KEY in content_of(one, save(other, f"Before: {KEY} {uuid4()}"))) is not is_kept
        changed = one.patch("/api/v1/spaces/default", json={"masking": masking})
        assert changed.status_code == 200, changed.text
        assert (KEY in content_of(one, save(other, f"After: {KEY} {uuid4()}"))) is is_kept


def test_a_browser_that_signed_in_at_one_is_signed_in_at_the_other(two):
    one, other = two
    with client_of(str(one.base_url), token=None) as browser:
        own = {"sec-fetch-site": "same-origin"}
        answer = browser.post("/sign-in", data={"token": OWNER}, headers=own)
        cookie = answer.headers["set-cookie"].partition(";")[0]
    with client_of(str(other.base_url), token=None) as browser:
        assert browser.get("/", headers={"cookie": cookie}).status_code == 200
        assert browser.get("/").status_code == 401


def test_an_import_that_broke_off_goes_on_at_the_other(two):
    one, other = two
    lines = [
        json.dumps(
            {
                "memory_id": str(uuid4()),
                "session_id": "imported",
                "role": "user",
                "content": f"Line {number}",
            }
        )
        + "\n"
        for number in range(3)
    ]
    first = one.post("/api/v1/imports", content="".join(lines[:2])).json()
    again = other.post(
        "/api/v1/imports", content="".join(lines), params={"import_id": first["import_id"]}
    ).json()
    assert (again["import_id"], again["added"], again["there"]) == (first["import_id"], 1, 2)
    read = one.get(f"/api/v1/imports/{first['import_id']}").json()
    assert read["memories"] == 3


def test_a_file_is_known_to_the_server_alone_that_has_it(two):
    one, other = two
    where = "/api/v1/imports/files"
    file = one.post(where, content=b"# Notes\n\nHerons nest.\n", params={"name": "a.md"}).json()
    assert one.get(f"{where}/{file['import_id']}").status_code == 200
    elsewhere = other.get(f"{where}/{file['import_id']}")
    assert elsewhere.status_code == 404
    assert "upload it again" in elsewhere.json()["hint"]
