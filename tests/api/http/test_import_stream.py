"""`/api/v1/imports`: what other machines send is kept once each, listed, and taken back."""

import asyncio
import json
import socket
from uuid import uuid4

import httpx
import pytest

from sage.access.accounts.tokens import create_token
from sage.access.accounts.users import add_user
from sage.api.http import body_stream
from sage.domain.caller import SpaceRole
from sage.domain.imports import MAX_LINE_BYTES
from sage.store.connections.pool import open_database
from tests.support.live import new_database, session_id
from tests.support.polling import wait_for
from tests.support.serving import serving, settings_for

__all__ = ["session_id"]

OWNER = "a-token-of-at-least-32-characters!"
ROUTE = "/api/v1/imports"
KEY = "sk-proj-" + "4f9AbZ7qLm2KxT8w" * 3


@pytest.fixture(scope="module")
def served(postgres_server, migrated_template, tmp_path_factory):
    """Serve a Sage with two members, a reader, and a machine of the first; return their clients."""
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
            yield clients
            for client in clients.values():
                client.close()


async def _tokens(dsn):
    database = await open_database(dsn)
    async with database.across_spaces() as conn:
        await add_user(conn, "anna")
        made = {
            name: await create_token(conn, {"default": role}, name=name, user=user, of_machine=mine)
            for name, role, user, mine in (
                ("anna", SpaceRole.WRITER, "anna", False),
                ("machine", SpaceRole.WRITER, "anna", True),
                ("bert", SpaceRole.WRITER, None, False),
                ("reader", SpaceRole.READER, None, False),
            )
        }
    await database.close()
    return made


def lines(*memories):
    return "".join(json.dumps(one) + "\n" for one in memories).encode()


def memory(session, content, **more):
    return {
        "memory_id": str(uuid4()),
        "session_id": session,
        "role": "user",
        "content": content,
        "metadata": {"source": "claude-code"},
    } | more


def send(client, content, **params):
    answer = client.post(ROUTE, content=content, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def told(client, session):
    answer = client.get(f"/api/v1/sessions/{session}").json()
    return [one["content"] for one in answer.get("memories", ())]


def test_lines_are_kept_once_each_whoever_says_to_have_written_them(served, session_id):
    machine, owner = served["machine"], served["owner"]
    said = [
        memory(session_id, f"Heron {number} nests by the mill.", author="bert", space="elsewhere")
        for number in range(3)
    ]
    said[1]["content"] += f" The key is {KEY}."
    said[2]["created_at"] = "8999-01-01T00:00:00Z"
    counted = send(machine, lines(*said), dry_run=True)
    assert (counted["lines"], counted["added"], "import_id" in counted) == (3, 3, False)
    assert told(owner, session_id) == []
    first = send(machine, lines(*said[:2]) + b"\n")
    assert (first["lines"], first["added"], first["there"]) == (2, 2, 0)
    again = send(machine, lines(*said), import_id=first["import_id"])
    assert (again["import_id"], again["added"], again["there"]) == (first["import_id"], 1, 2)
    assert again["differing"] == 0
    ids = [{"memory_id": one["memory_id"]} for one in (*said, memory(session_id, ""))]
    assert send(machine, lines(*ids), dry_run=True)["added"] == 1
    kept = owner.get(f"/api/v1/sessions/{session_id}").json()["memories"]
    assert {one["author"] for one in kept} == {"anna"}
    assert {one["source"] for one in kept} == {"import:claude-code"}
    assert not any(KEY in one["content"] for one in kept)
    assert not any(one["created_at"].startswith("8999") for one in kept)
    read = machine.get(f"{ROUTE}/{first['import_id']}").json()
    assert (read["memories"], read["sources"], read["author"]) == (3, ["claude-code"], "anna")


def test_what_hooks_captured_is_there_already(served, session_id):
    captured = memory(session_id, "A heron was seen.")
    body = {"client": "claude-code", "memories": [captured]}
    assert served["machine"].post("/api/v1/hooks/capture", json=body).json()["added"] == 1
    assert send(served["machine"], lines(captured, memory(session_id, "Another."))) | {
        "import_id": ""
    } == {"import_id": "", "lines": 2, "added": 1, "there": 1, "differing": 0}


def test_a_writer_goes_on_with_sees_and_undoes_own_imports_and_an_owner_all(served, session_id):
    anna, bert, owner = served["anna"], served["bert"], served["owner"]
    done = send(
        served["machine"], lines(memory(session_id, "A heron."), memory(session_id, "Two."))
    )
    where = f"{ROUTE}/{done['import_id']}"

    def listed(client):
        return done["import_id"] in {
            one["import_id"] for one in client.get(ROUTE).json()["imports"]
        }

    assert [listed(one) for one in (anna, bert, owner)] == [True, False, True]
    for refused in (
        bert.get(where),
        bert.delete(where),
        bert.post(ROUTE, params={"import_id": done["import_id"]}, content=b""),
        bert.delete(f"{ROUTE}/{uuid4()}"),
    ):
        assert refused.status_code == 404, refused.text
        assert refused.headers["content-type"] == "application/problem+json"
    for refused in (
        served["reader"].get(ROUTE),
        served["reader"].post(ROUTE, content=lines(memory(session_id, "No."))),
        served["reader"].delete(where),
    ):
        assert refused.status_code == 403
    assert len(told(owner, session_id)) == 2
    undone = anna.delete(where).json()
    assert undone == {"import_id": done["import_id"], "undone": 2, "left": 0}
    assert told(owner, session_id) == []
    assert anna.delete(where).status_code == 404
    other = send(bert, lines(memory(session_id, "A crane.")))
    assert owner.delete(f"{ROUTE}/{other['import_id']}").json()["undone"] == 1


def test_imports_are_listed_the_latest_first_whatever_ids_they_were_given(served, session_id):
    owner = served["owner"]
    late, early = (f"{digit * 8}-0000-4000-8000-{uuid4().hex[-12:]}" for digit in "0f")
    for import_id in (early, late):
        send(owner, lines(memory(session_id, import_id)), import_id=import_id)
    listed = [one["import_id"] for one in owner.get(ROUTE).json()["imports"]]
    assert [one for one in listed if one in (early, late)] == [late, early]
    for import_id in (early, late):
        owner.delete(f"{ROUTE}/{import_id}")


def test_a_wrong_line_is_named_and_the_batch_that_it_is_in_is_not_kept(
    served, session_id, monkeypatch
):
    monkeypatch.setattr(body_stream, "BATCH_LINES", 2)
    owner, good = served["owner"], [memory(session_id, f"Heron {one}.") for one in range(3)]
    deep = memory(session_id, "Deep.", metadata=json.loads("[" * 70 + "]" * 70))
    for wrong, field in (
        (b"{", "line 4"),
        (b"\xff", "line 4"),
        (lines(deep), "line 4"),
        (lines(memory(session_id, "")), "line 4.content"),
        (b'"' + b"x" * MAX_LINE_BYTES + b'"', "line 4"),
        (lines({"memory_id": 7}), "line 4"),
    ):
        answer = owner.post(ROUTE, content=lines(*good) + wrong)
        problem = answer.json()
        assert (answer.status_code, problem["field"].startswith(field)) == (422, True), problem
        assert problem["hint"]
        assert len(told(owner, session_id)) == 2
    answer = owner.post(
        ROUTE, content=lines(memory(session_id, "x"), memory(session_id, "y")) + b"{"
    )
    assert "2 memories before it are stored, as import " in answer.json()["hint"]


def test_a_body_of_any_length_is_kept_as_it_comes(served, session_id, monkeypatch):
    monkeypatch.setattr(body_stream, "BATCH_LINES", 2)
    owner = served["owner"]
    long = "A heron stands by the mill. " * 3_000

    def body():
        for number in range(8):
            yield lines(memory(session_id, f"{number}: {long}"))[:-1]
            wait_for(lambda number=number: len(told(owner, session_id)) >= 2 * (number // 2) - 2)
            yield b"\n"

    done = owner.post(ROUTE, content=(part for part in body()))
    assert done.json()["added"] == 8
    assert sum(map(len, told(owner, session_id))) > 600_000


def test_what_breaks_off_keeps_whole_batches(served, session_id, monkeypatch):
    monkeypatch.setattr(body_stream, "BATCH_LINES", 2)
    owner = served["owner"]

    def body():
        yield lines(*(memory(session_id, f"Heron {one}.") for one in range(3)))
        wait_for(lambda: len(told(owner, session_id)) == 2)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        owner.post(ROUTE, content=body())
    assert len(told(owner, session_id)) == 2


def test_one_caller_has_few_imports_open_at_once(served, session_id, monkeypatch):
    monkeypatch.setattr("sage.transfer.importing.service.MAX_OPEN_OF_ONE", 1)
    monkeypatch.setattr(body_stream, "BATCH_LINES", 1)
    bert, seen = served["bert"], []

    def body():
        yield lines(memory(session_id, "A heron."), memory(session_id, "A crane."))
        wait_for(lambda: told(served["owner"], session_id))
        seen.append(bert.post(ROUTE, content=lines(memory(session_id, "Another."))))
        seen.append(served["anna"].post(ROUTE, content=lines(memory(session_id, "A third."))))

    assert bert.post(ROUTE, content=body()).status_code == 200
    assert [one.status_code for one in seen] == [429, 200]
    assert int(seen[0].headers["retry-after"]) > 0
    assert bert.post(ROUTE, content=lines(memory(session_id, "A fourth."))).status_code == 200


def test_a_body_that_does_not_come_in_is_given_up(served, monkeypatch):
    monkeypatch.setattr(body_stream, "READ_DEADLINE_S", 0.2)
    url, answers = served["owner"].base_url, []
    with socket.create_connection((url.host, url.port), timeout=30) as raw:
        raw.sendall(
            f"POST {ROUTE} HTTP/1.1\r\nhost: {url.host}\r\nauthorization: Bearer {OWNER}\r\n"
            "content-length: 100\r\n\r\n{".encode()
        )
        while block := raw.recv(65_536):
            answers.append(block)
            if b"too-slow" in b"".join(answers):
                break
    assert b" 408 " in b"".join(answers)


def test_a_path_with_several_methods_names_them_all(served):
    refused = served["owner"].put(ROUTE)
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, POST")
