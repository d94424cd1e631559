"""`sage scan` finds the secrets in what is stored already, and masks them."""

import asyncio
import json
from uuid import UUID

import numpy as np
import pytest

from sage.cli.main import main
from sage.domain.embedding import EmbeddingModel
from sage.errors import SageError
from sage.service.scanning.stored import find_secrets
from sage.store import queue
from sage.store.active_model import ensure_active_model
from sage.store.connections.pool import open_database
from sage.store.reembedding import reembedding_lock
from sage.store.vectors import VectorRow, store_vectors
from tests.support.planted_secrets import TOKENS, Maker

MAKER = Maker(21)
TOKEN = TOKENS["GitHub token"](MAKER)
PASSWORD = MAKER.password()
OWN_TOKEN = "wide-open-barn-doors-in-the-autumn-wind"
MODEL = EmbeddingModel("local", "m", 16)
UNMASKED = "SELECT count(*) FROM sage.memories WHERE memories::text ILIKE '%' || $1 || '%'"


@pytest.fixture
def sage(postgres_dsn, tmp_path, monkeypatch, capsys, model_loaded_once):  # noqa: ARG001 - in effect
    """Run the command line where masking is off, as it was before there was any."""
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SAGE_MASK_SECRETS", "false")
    monkeypatch.setattr("sage.config.paths.own_folder", lambda: None)

    def run(*argv):
        capsys.readouterr()
        code = main([*map(str, argv), "--data-dir", str(tmp_path / "data")])
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.fixture
def filled(sage, tmp_path):
    """Import memories with and without secrets; give their ids."""
    ids = [UUID(int=number + 1) for number in range(4)]
    lines = [
        {"content": f"export GITHUB_TOKEN={TOKEN}"},
        {"content": "The heron nests by the mill."},
        {"content": "see metadata", "metadata": {"password": PASSWORD, "port": 1}},
        {"content": f"DB_PASSWORD={PASSWORD} and {TOKEN}"},
    ]
    whole = [
        {"memory_id": str(one), "session_id": "s", "role": "user"} | line
        for one, line in zip(ids, lines, strict=True)
    ]
    file = tmp_path / "memories.jsonl"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in whole))
    assert sage("import", file)[0] == 0
    return ids


@pytest.fixture
def within(postgres_dsn):
    """Do work in the database, between two commands."""

    def run(work):
        async def opened():
            database = await open_database(postgres_dsn)
            try:
                return await work(database)
            finally:
                await database.close()

        return asyncio.run(opened())

    return run


@pytest.fixture
def rows(within):
    """Query the database."""

    def query(sql, *arguments):
        async def fetch(database):
            async with database.across_spaces() as conn:
                return await conn.fetch(sql, *arguments)

        return within(fetch)

    return query


@pytest.fixture
def count(rows):
    """Count in the database."""
    return lambda sql, *arguments: rows(sql, *arguments)[0]["count"]


@pytest.fixture
def lease(within):
    """Lease what is due to be embedded; return its ids."""

    async def take(database):
        async with database.across_spaces() as conn:
            return {one.memory_id for one in await queue.lease_due(conn, 10, 60)}

    return lambda: within(take)


def test_a_scan_looks_into_the_space_that_is_named_and_no_other(sage):
    for space in ("team", "quiet"):
        assert sage("space", "create", space)[0] == 0
    assert sage("save", f"export GITHUB_TOKEN={TOKEN}", "Noted.", "--space", "team")[0] == 0
    assert sage("save", f"DB_PASSWORD={PASSWORD}", "Noted.", "--space", "quiet")[0] == 0
    code, out, _ = sage("scan", "--space", "team", "--write", "--yes", "--json")
    found = json.loads(out)
    assert (code, found["scanned"], len(found["memories"])) == (0, 2, 1)
    left = json.loads(sage("scan", "--json")[1])
    assert (left["scanned"], [one["space"] for one in left["memories"]]) == (4, ["quiet"])
    assert sage("space", "rename", "quiet", "silent")[0] == 0
    assert "1 secret" in sage("scan", "--space", "silent")[1]
    code, out, err = sage("scan", "--space", "nowhere")
    assert (code, out) == (1, "")
    assert "space 'nowhere' does not exist" in err


def test_off_by_the_setting_secrets_are_stored_and_a_scan_tells_where(sage, filled, count):
    assert count(UNMASKED, TOKEN) == 2
    code, out, err = sage("scan", "--json")
    told = json.loads(out)
    assert code == 0
    assert (told["scanned"], told["masked"]) == (4, False)
    assert told["kinds"] == {"github_token": 2, "password": 2}
    assert told["memories"] == [
        {"memory_id": str(one), "space": "default", "kinds": kinds}
        for one, kinds in (
            (filled[0], {"github_token": 1}),
            (filled[2], {"password": 1}),
            (filled[3], {"password": 1, "github_token": 1}),
        )
    ]
    code, shown, _ = sage("scan")
    assert code == 0
    assert str(filled[3]) in shown
    assert "scan --write" in shown
    assert not any(secret in text for secret in (TOKEN, PASSWORD) for text in (out, shown, err))
    assert count(UNMASKED, TOKEN) == 2


def test_what_is_found_is_masked_with_its_words_and_vectors(sage, filled, rows, within, lease):
    async def embed(database):
        model_id = (await ensure_active_model(database, MODEL)).model_id
        async with database.across_spaces() as conn:
            await queue.complete(conn, await queue.lease_due(conn, 10, 60))
            made = [VectorRow("default", one, 0, 0, 5, np.ones(16)) for one in filled]
            await store_vectors(conn, model_id, made)

    within(embed)
    rows("UPDATE sage.memory_classes SET rules_version = 1")
    code, out, _ = sage("scan", "--write", "--yes")
    assert code == 0
    assert "masked 4 secrets in 3 of 4 memories" in out
    again = rows("SELECT memory_id FROM sage.memory_classes WHERE rules_version = 0")
    assert {row["memory_id"] for row in again} == {filled[0], filled[2], filled[3]}
    for secret in (TOKEN, PASSWORD):
        assert rows(UNMASKED, secret)[0]["count"] == 0
    kept = rows("SELECT content, metadata FROM sage.memories ORDER BY memory_id")
    assert [row["content"] for row in kept] == [
        "export GITHUB_TOKEN=[masked]",
        "The heron nests by the mill.",
        "see metadata",
        "DB_PASSWORD=[masked] and [masked]",
    ]
    assert kept[2]["metadata"] == {"password": "[masked]", "port": 1}
    vectors = rows("SELECT memory_id FROM sage.embeddings")
    assert [row["memory_id"] for row in vectors] == [filled[1]]
    assert lease() == {filled[0], filled[2], filled[3]}
    _, again, _ = sage("scan")
    assert "no secrets in 4 memories" in again
    found = sage("search", "GITHUB_TOKEN", "--json")
    assert str(filled[0]) in found[1]


def test_a_forgotten_memory_is_masked_and_stays_forgotten(sage, filled, count, lease):
    sage("forget", filled[0])
    assert sage("scan", "--write", "--yes")[0] == 0
    assert count(UNMASKED, TOKEN) == 0
    assert filled[0] not in lease()
    assert sage("forget", "--undo", filled[0])[0] == 0
    assert lease() == {filled[0]}


def test_a_save_is_recognized_after_its_memory_was_masked(sage, rows, monkeypatch):
    said = ("save", f"token {TOKEN}", "Kept.", "--session", "t")
    for key in ((), ("--idempotency-key", "k")):
        assert sage(*said, *key)[0] == 0
    before = rows("SELECT encode(body_digest, 'hex') AS d FROM sage.saves")
    sage("scan", "--write", "--yes")
    after = rows("SELECT encode(body_digest, 'hex') AS d FROM sage.saves")
    assert len(before) == 2
    assert [row["d"] for row in after] == [""]
    monkeypatch.delenv("SAGE_MASK_SECRETS")
    code, out, _ = sage(*said, "--idempotency-key", "k", "--json")
    assert code == 0
    assert json.loads(out)["saved"] is False
    assert json.loads(out)["masked"] == {"github_token": 1}


def test_a_worker_that_had_read_the_old_text_does_not_end_the_work(
    sage, filled, within, count, lease
):
    async def begin(database):
        async with database.across_spaces() as conn:
            return await queue.lease_due(conn, 10, 60)

    async def end(database):
        model_id = (await ensure_active_model(database, MODEL)).model_id
        whole = len(f"export GITHUB_TOKEN={TOKEN}")
        late = [VectorRow("default", filled[0], part, 0, whole, np.ones(16)) for part in (0, 1)]
        async with database.across_spaces() as conn:
            await store_vectors(conn, model_id, late)
            await queue.complete(conn, leased)

    leased = within(begin)
    sage("scan", "--write", "--yes")
    within(end)
    assert lease() == {filled[0], filled[2], filled[3]}
    assert count("SELECT count(*) FROM sage.embeddings") == 0


def test_what_an_interrupted_scan_has_masked_stays_masked(within, count, sage, tmp_path):
    lines = [
        {"role": "user", "session_id": "s", "content": f"{number}: {TOKEN}"}
        for number in range(600)
    ]
    file = tmp_path / "many.jsonl"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    sage("import", file)

    def stop(_):
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        within(lambda database: find_secrets(database, stop, mask=True))
    left = count(UNMASKED, TOKEN)
    assert 0 < left < 600
    found = within(lambda database: find_secrets(database, lambda _: None, mask=True))
    assert len(found) == left
    assert count(UNMASKED, TOKEN) == 0


def test_the_value_of_sage_token_is_found_and_imports_mask_it(sage, count, tmp_path, monkeypatch):
    monkeypatch.setenv("SAGE_TOKEN", OWN_TOKEN)
    for number in range(2):
        line = {
            "role": "user",
            "session_id": "s",
            "content": f"{number}: log in by {OWN_TOKEN} now",
        }
        file = tmp_path / f"{number}.jsonl"
        file.write_text(json.dumps(line))
    assert sage("import", tmp_path / "0.jsonl")[0] == 0
    assert count(UNMASKED, OWN_TOKEN) == 1
    assert json.loads(sage("scan", "--write", "--yes", "--json")[1])["memories"]
    assert count(UNMASKED, OWN_TOKEN) == 0
    monkeypatch.setenv("SAGE_MASK_SECRETS", "true")
    assert sage("import", tmp_path / "1.jsonl")[0] == 0
    assert count(UNMASKED, "1: log in by") == 1
    assert count(UNMASKED, OWN_TOKEN) == 0


def test_nothing_is_masked_while_another_command_moves_the_vectors(filled, within, count):
    async def both(database):
        async with reembedding_lock(database):
            with pytest.raises(SageError, match="is running on this database"):
                await find_secrets(database, lambda _: None, mask=True)
            return await find_secrets(database, lambda _: None, mask=False)

    assert len(within(both)) == len(filled) - 1
    assert count(UNMASKED, TOKEN) == 2


def test_an_import_masks_and_can_be_repeated(count, sage, tmp_path, monkeypatch):
    monkeypatch.setenv("SAGE_MASK_SECRETS", "on")
    file = tmp_path / "chat.jsonl"
    file.write_text(json.dumps({"role": "user", "content": f"DB_PASSWORD={PASSWORD}"}) + "\n")
    for added in (1, 0):
        code, out, _ = sage("import", file, "--session", "c", "--json")
        assert code == 0
        told = json.loads(out)
        assert (told["added"], told["differing"]) == (added, 0)
    assert count(UNMASKED, PASSWORD) == 0
    assert "[masked]" in sage("export")[1]
