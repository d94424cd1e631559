"""Answers as JSON and back: as pydantic writes them, though without it."""

from datetime import UTC, datetime
from uuid import uuid4

from pydantic_core import to_jsonable_python

from sage.api.answer_json import to_json_object
from sage.domain.answer_json import from_json, to_json
from sage.domain.listing import MemoryPage, Session, SessionPage, SessionSummary
from sage.domain.memories import (
    ForgetReceipt,
    Indexed,
    Memory,
    MemoryStats,
    QueueStats,
    Role,
    SaveReceipt,
)
from sage.domain.relevance import Relevance
from sage.domain.searching import ContextAnswer, Degradation, Hit, ListedMemory, SearchAnswer

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
HIT = Hit.of(RICH, 0.5, {"words": 1.0}, 0.7).shown(explain=True)
ANSWERS = (
    PLAIN,
    RICH,
    MemoryPage((PLAIN, RICH), None),
    SessionPage((SessionSummary("s", 3, NOW, NOW, "p"),), "cursor"),
    Session("s", (PLAIN,), None),
    SearchAnswer(Relevance.WEAK, (HIT,), (Degradation("reranker", "it is away"),)),
    SearchAnswer(Relevance.NONE, (), ()),
    ContextAnswer("text", Relevance.STRONG, (ListedMemory.of(RICH),), 4, ()),
    SaveReceipt("s", (uuid4(),), True, Indexed.READY, {"token": 2}),  # noqa: FBT003 - a field
    ForgetReceipt(1, 2, 3),
    MemoryStats(1, 2, None, NOW, 5, "m", QueueStats(1, 2)),
)


def test_an_answer_is_written_as_pydantic_writes_it_and_read_back_as_it_was():
    for answer in ANSWERS:
        assert to_json(answer) == to_json_object(answer)
        assert to_json(answer, whole=True) == to_jsonable_python(answer)
        read = from_json(type(answer), to_json(answer))
        assert to_json(read) == to_json(answer)
        assert isinstance(answer, SearchAnswer) or read == answer  # its scores are not published
