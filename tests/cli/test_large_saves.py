"""Files with more messages than one call may save."""

import json
import secrets

import pytest

from sage.domain import limits
from sage.errors import ProviderUnavailableError, StoreUnavailableError
from sage.service.memory import MemoryService
from tests.support.embedders import BagOfWordsEmbedder

MESSAGES = limits.MAX_MESSAGES_PER_SAVE + 1


@pytest.fixture
def quick(sage, monkeypatch, postgres_dsn):
    """Run on a database of its own, with vectors that cost nothing."""
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    monkeypatch.setattr("sage.bootstrap.open_embedder", lambda _settings: BagOfWordsEmbedder())
    return sage


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "chat.jsonl"
    mark = secrets.token_hex(4)
    lines = [
        json.dumps({"role": "user", "content": f"turn {n} of {mark}"}) for n in range(MESSAGES)
    ]
    path.write_text("\n".join(lines))
    return path


def test_a_large_file_becomes_one_session(quick, file):
    outcome = quick("save", "--file", file, "--json")
    answer = json.loads(outcome.out)
    assert outcome.code == 0
    assert len(set(answer["memory_ids"])) == MESSAGES
    found = json.loads(
        quick("search", "turn 1000", "--session", answer["session_id"], "--json").out
    )
    assert found["results"][0]["content"].startswith("turn 1000 ")


def test_a_large_save_that_broke_is_completed_by_its_key(quick, file, monkeypatch):
    save, calls = MemoryService.save, []

    async def break_at_third(self, request):
        calls.append(request)
        if len(calls) == 3:
            raise StoreUnavailableError("the database went away", hint="run it again")
        return await save(self, request)

    monkeypatch.setattr(MemoryService, "save", break_at_third)
    broken = quick("save", "--file", file)
    assert broken.code == 1
    assert "the database went away" in broken.err
    key = broken.err.split("--idempotency-key ")[1].split()[0]
    assert [part.idempotency_key for part in calls] == [f"{key}/{number}" for number in range(3)]
    monkeypatch.setattr(MemoryService, "save", save)

    completed = json.loads(quick("save", "--file", file, "--idempotency-key", key, "--json").out)
    repeated = json.loads(quick("save", "--file", file, "--idempotency-key", key, "--json").out)
    assert completed["saved"] is True
    assert repeated == completed | {"saved": False, "indexed": repeated["indexed"]}
    assert len(set(completed["memory_ids"])) == MESSAGES


def test_what_is_left_without_vectors_is_told(quick, monkeypatch):
    async def away(_self, _texts):
        raise ProviderUnavailableError("the provider is away")

    monkeypatch.setattr(BagOfWordsEmbedder, "embed_passages", away)
    monkeypatch.setattr("sage.cli.saving.vectors._VECTORS_WAIT_S", 0)
    outcome = quick("save", "a key", "a pot")
    assert outcome.code == 0
    assert "can be found by keyword only" in outcome.err
    outcome = quick("search", "key")
    assert "a key" in outcome.out
    assert "not embedded yet, found by keyword only: 2 memories" in outcome.err
