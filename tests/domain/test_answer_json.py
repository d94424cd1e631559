"""Answers as JSON and back: as pydantic writes them, though without it."""

from datetime import UTC, datetime
from uuid import uuid4

from pydantic_core import to_jsonable_python

from sage.api.answer_json import to_json_object
from sage.domain.answer_json import from_json, to_json
from sage.domain.gathering import ContextAnswer, ListedMemory
from sage.domain.health import Readiness, ReadinessState
from sage.domain.listing import MemoryPage, Session, SessionPage, SessionSummary
from sage.domain.memories import (
    ForgetReceipt,
    IndexBuild,
    Indexed,
    Memory,
    MemoryStats,
    QueueStats,
    Role,
    SaveReceipt,
)
from sage.domain.relevance import Relevance
from sage.domain.searching import Degradation, Hit, SearchAnswer
from sage.phrases import as_json, numbered, phrase

NOW = datetime.now(UTC)
PLAIN = Memory(uuid4(), "s", Role.USER, None, "c", NOW.replace(microsecond=0))
RICH = Memory(
    uuid4(),
    "s",
    Role.TOOL,
    "Mei",
    "c",
    NOW,
    metadata={"a": [1, {"b": None}], "f": 1.5},
    superseded_at=NOW,
    author="x",
).seen_by(None)
HIT = Hit.of(RICH, 0.5, {"words": 1.0}, 0.7).rounded(explain=True)
ANSWERS = (
    PLAIN,
    RICH,
    MemoryPage((PLAIN, RICH), None),
    SessionPage((SessionSummary("s", 3, NOW, NOW, "p"),), "cursor"),
    Session("s", (PLAIN,), None),
    SearchAnswer(Relevance.WEAK, (HIT,), (Degradation("reranker", "it is away"),)),
    SearchAnswer(Relevance.NONE, (), ()),
    SearchAnswer(Relevance.NONE, (), (Degradation("vectors", phrase("over {s} s", s="4")),)),
    Readiness(False, phrase("{n} s left", n=3), ReadinessState.WAITING, hint="wait"),  # noqa: FBT003
    ContextAnswer("text", Relevance.STRONG, (ListedMemory.of(RICH),), 4, ()),
    SaveReceipt("s", (uuid4(),), True, Indexed.READY, {"token": 2}),  # noqa: FBT003 - a field
    ForgetReceipt(1, 2, 3),
    MemoryStats(1, 2, None, NOW, 5, "m", QueueStats(1, 2)),
    MemoryStats(1, 2, None, NOW, 5, "m", QueueStats(1, 2), 0, IndexBuild(0.5, None)),
)


def test_an_answer_is_written_as_pydantic_writes_it_and_read_back_as_it_was():
    for answer in ANSWERS:
        assert to_json(answer) == to_json_object(answer)
        assert to_json(answer, whole=True) == to_jsonable_python(answer)
        read = from_json(type(answer), to_json(answer))
        assert to_json(read) == to_json(answer)
        assert isinstance(answer, SearchAnswer) or read == answer  # its scores are not published


def test_a_text_of_an_answer_is_read_back_as_the_phrase_that_it_was():
    there = numbered("{count} call of {name}", "{count} calls of {name}", count=2, name="m")
    read = from_json(Degradation, to_json(Degradation("vectors", there)))
    assert (read.reason, as_json(read.reason)) == (there, as_json(there))
    assert "phrases" not in to_json(Degradation("vectors", "it is away"))
