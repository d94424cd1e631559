"""Databases to back up, and the files that come of it."""

import asyncio
import hashlib
import json
import subprocess
import zipfile

import asyncpg

from sage.domain.embedding import EmbeddingModel
from sage.local.postgres.binaries import clean_environment, find_binaries
from tests.store.corpus import fill

MODEL = EmbeddingModel("test", "made up", 64)
EVERYTHING = """
    SELECT space_id, memory_id, session_id, arrival, role, name, content, created_at, saved_at,
        forgotten_at, metadata::text, lexemes::text, embedding::text
    FROM sage.memories LEFT JOIN sage.embeddings USING (space_id, memory_id)
    ORDER BY memory_id
"""


def ask(dsn, query, *args):
    """Run a statement on the database of a DSN; give its rows."""

    async def fetch():
        conn = await asyncpg.connect(dsn)
        try:
            return await conn.fetch(query, *args)
        finally:
            await conn.close()

    return [tuple(row) for row in asyncio.run(fetch())]


def fill_spaces(dsn):
    """Keep memories of two spaces, three of them forgotten and one that waits for its vector."""
    model_id = asyncio.run(fill(dsn, MODEL, {"default": 300, "second": 50}))
    ask(dsn, "INSERT INTO sage.active_model (model_id) VALUES ($1)", model_id)
    ask(
        dsn,
        "UPDATE sage.memories SET forgotten_at = now() WHERE memory_id IN"
        " (SELECT memory_id FROM sage.memories LIMIT 3)",
    )
    ask(
        dsn,
        "INSERT INTO sage.embedding_queue (space_id, memory_id)"
        " SELECT space_id, memory_id FROM sage.memories LIMIT 1",
    )


def rewrite(file, change, dump=None):
    """Write a backup again with another manifest, and another dump if any."""
    with zipfile.ZipFile(file) as parts:
        kept, manifest = parts.read("database.dump"), json.loads(parts.read("manifest.json"))
    if dump is not None:
        digest = hashlib.sha256(dump).hexdigest()
        part = {"name": "database.dump", "size_bytes": len(dump), "sha256": digest}
        change = {"parts": [part], **change}
    for key, value in change.items():
        manifest[key] = manifest[key] | value if isinstance(value, dict) else value
    with zipfile.ZipFile(file, "w") as parts:
        parts.writestr("database.dump", kept if dump is None else dump)
        parts.writestr("manifest.json", json.dumps(manifest))


def pg_dump(dsn, *options):
    """Return what pg_dump writes of Sage's schema."""
    program = find_binaries().program("pg_dump")
    command = [program, f"--dbname={dsn}", "--schema=sage", *options]
    return subprocess.run(command, env=clean_environment(), check=True, capture_output=True).stdout
