"""Two spaces, `team` and `default`, that hold the same: rows in every table that has a space."""

import asyncio
import json

import pytest

from sage.cli.main import main
from sage.domain.embedding import EmbeddingModel
from sage.domain.ids import new_memory_id
from sage.store.active_model import ensure_active_model
from sage.store.connections.pool import open_database
from tests.support.backups import ask

MODEL = EmbeddingModel("local", "m", 4)
TABLES = """
    SELECT table_name FROM information_schema.columns
    JOIN information_schema.tables USING (table_schema, table_name)
    WHERE table_schema = 'sage' AND column_name = 'space_id' AND table_type = 'BASE TABLE'
    ORDER BY table_name
"""


class Outcome:
    """What a run of the command line left behind."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def answer(self):
        assert self.code == 0, self.err
        return json.loads(self.out)


@pytest.fixture
def sage(postgres_dsn, tmp_path, monkeypatch, capsys, model_loaded_once):  # noqa: ARG001 - in effect
    """Run the command line on the database of this test."""
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr("sage.config.paths.own_folder", lambda: None)

    def run(*argv):
        capsys.readouterr()
        code = main([*map(str, argv), "--data-dir", str(tmp_path / "data")])
        return Outcome(code, *capsys.readouterr())

    return run


@pytest.fixture
def rows(postgres_dsn):
    """Count the rows of a space in every table that has one; by table."""

    def count(space):
        tables = [name for (name,) in ask(postgres_dsn, TABLES)]
        return {
            name: ask(postgres_dsn, f"SELECT count(*) FROM sage.{name} WHERE space_id = $1", space)[
                0
            ][0]
            for name in tables
        }

    return count


@pytest.fixture
def filled(sage, postgres_dsn, tmp_path):
    """Keep two sessions by two authors in either space; give the ids of memories by space."""

    async def settle():
        database = await open_database(postgres_dsn)
        try:
            return (await ensure_active_model(database, MODEL)).model_id
        finally:
            await database.close()

    assert sage("space", "create", "team").code == 0
    assert sage("user", "add", "anna").code == 0
    lines, ids = [], {}
    for space in ("default", "team"):
        ids[space] = [new_memory_id() for _ in range(6)]
        lines += [
            {
                "memory_id": str(one),
                "space": space,
                "session_id": "tea" if number < 3 else "birds",
                "role": "user",
                "content": f"Heron number {number} of {space} nests by the mill.",
                "author": "anna" if number % 2 else "ben",
                **({"replaces": [str(ids[space][0])]} if number == 1 else {}),
            }
            for number, one in enumerate(ids[space])
        ]
    file = tmp_path / "memories.jsonl"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    assert sage("import", file).code == 0
    created = ("token", "create", "--space", "team", "--space", "default")
    assert sage(*created, "--user", "anna", "--name", "laptop").code == 0
    assert sage("token", "create", "--space", "team", "--name", "ben").code == 0
    model_id = asyncio.run(settle())
    ask(
        postgres_dsn,
        "INSERT INTO sage.embeddings SELECT space_id, memory_id, $1, 0, 0, 5, '[1,2,3,4]'"
        " FROM sage.memories",
        model_id,
    )
    ask(
        postgres_dsn,
        "INSERT INTO sage.unlinked_embeddings SELECT space_id, memory_id, model_id, chunk"
        " FROM sage.embeddings",
    )
    ask(
        postgres_dsn,
        "INSERT INTO sage.saves (space_id, retry_key, body_digest, session_id, memory_ids)"
        " SELECT space_id, 'key:' || memory_id, '', session_id, ARRAY[memory_id]"
        " FROM sage.memories",
    )
    ask(
        postgres_dsn,
        "INSERT INTO sage.recalls SELECT space_id, memory_id, now(), 'search', session_id, NULL,"
        " NULL, author, 'strong', '{1,2}' FROM sage.memories",
    )
    ask(
        postgres_dsn,
        "INSERT INTO sage.recalled_memories SELECT space_id, memory_id, memory_id, 0, 0.5"
        " FROM sage.memories",
    )
    ask(
        postgres_dsn,
        "INSERT INTO sage.not_useful SELECT space_id, memory_id, recall_id, 'search', NULL,"
        " '{1,2}', now(), 'anna' FROM sage.recalled_memories",
    )
    for table, column in (("project_names", "project"), ("project_identities", "identity")):
        ask(
            postgres_dsn,
            f"INSERT INTO sage.{table} (space_id, name, {column})"
            " SELECT id, '/srv/herons', '01234567890123456789012345678901' FROM sage.spaces",
        )
    ask(postgres_dsn, "INSERT INTO sage.indexed_spaces SELECT id FROM sage.spaces")
    return ids
