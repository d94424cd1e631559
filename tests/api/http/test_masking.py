"""Secrets are masked before they are stored, on every way in, and retries are still recognized."""

from datetime import UTC
from uuid import UUID, uuid4

import pytest

from sage.domain.memories import Indexed, SaveReceipt
from sage.retrieval.context.tool_texts import save_text
from tests.support.planted_secrets import TOKENS, Maker

MAKER = Maker(11)
TOKEN, OTHER = (TOKENS["GitHub token"](MAKER) for _ in range(2))
PASSWORD = MAKER.password()


@pytest.fixture
def save(rest, session_id):
    def keep(text, **more):
        body = {"messages": [{"role": "user", "content": text}], "session_id": session_id}
        return rest.post("/api/v1/conversations", json=body | more).json()

    return keep


@pytest.fixture
def stored(rest, session_id):
    def read(session_id=session_id):
        answer = rest.get(f"/api/v1/sessions/{session_id}").json()
        return [one["content"] for one in answer["memories"]]

    return read


def test_a_save_stores_no_secret_and_says_what_it_masked(rest, save, stored):
    saved = save(f"GITHUB_TOKEN={TOKEN} and DB_PASSWORD={PASSWORD}")
    assert saved["masked"] == {"github_token": 1, "password": 1}
    assert stored() == ["GITHUB_TOKEN=[masked] and DB_PASSWORD=[masked]"]
    found = rest.post("/api/v1/search", json={"query": TOKEN, "min_relevance": "none"}).json()
    assert TOKEN not in str(found)


def test_a_save_without_secrets_says_nothing_of_masking(save):
    assert "masked" not in save("The heron nests by the mill.")


def test_the_secrets_in_metadata_are_masked_also_by_the_name_of_their_key(rest, save):
    metadata = {"note": f"use {TOKEN}", "login": [{"password": PASSWORD, "port": 5432}], "x": "y"}
    saved = save("metadata", metadata=metadata)
    assert saved["masked"] == {"github_token": 1, "password": 1}
    kept = rest.get(f"/api/v1/memories/{saved['memory_ids'][0]}").json()["metadata"]
    assert kept == {
        "note": "use [masked]",
        "login": [{"password": "[masked]", "port": 5432}],
        "x": "y",
    }


@pytest.mark.parametrize("key", [None, "a key"])
def test_a_retry_of_a_masked_save_is_answered_as_before(save, stored, key):
    more = {} if key is None else {"idempotency_key": f"{key} {uuid4()}"}
    first, second = (save(f"token {TOKEN}", **more) for _ in range(2))
    assert (first["saved"], second["saved"]) == (True, False)
    assert first["memory_ids"] == second["memory_ids"]
    assert first["masked"] == second["masked"]
    assert stored() == ["token [masked]"]


def test_no_digest_that_is_kept_depends_on_a_secret(save):
    key = str(uuid4())
    first = save(f"the token {TOKEN}", idempotency_key=key)
    again = save(f"the token {OTHER}", idempotency_key=key)
    assert (again["saved"], again["memory_ids"]) == (False, first["memory_ids"])


def test_a_captured_message_is_masked_and_kept_once_however_it_comes(rest, stored):
    session, memory_id = f"codex:{uuid4()}", str(uuid4())
    added = [
        rest.post(
            "/api/v1/hooks/capture",
            json={
                "client": "codex",
                "memories": [
                    {
                        "memory_id": memory_id,
                        "session_id": session,
                        "role": "user",
                        "content": f"my key is {secret}",
                    }
                ],
            },
        ).json()["added"]
        for secret in (TOKEN, "[masked]")  # from another program, and from a hook of Sage
    ]
    assert added == [1, 0]
    assert stored(session) == ["my key is [masked]"]


def test_a_model_reads_in_one_line_what_was_masked():
    receipt = SaveReceipt(
        "tea", (UUID(int=1),), saved=True, indexed=Indexed.PENDING, masked={"jwt": 1, "password": 2}
    )
    lines = save_text(receipt, UTC).split("\n")
    assert lines == ["Saved: 1 message, session_id tea", "Masked: 2 password, 1 jwt"]
