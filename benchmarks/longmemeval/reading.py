"""Read LongMemEval as published: the files S, M and oracle (https://arxiv.org/abs/2410.10813).

Every question has a separate chat history.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from sage.cli.benchmark.formats import in_record, unreadable
from sage.clients.reading.json_stream import read_records
from sage.domain import limits
from sage.domain.memories import Message, Role
from sage.domain.validation import validate_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_BETWEEN_MESSAGES = timedelta(seconds=20)
_TIME = "%Y/%m/%d (%a) %H:%M"
_ABSTENTION = "_abs"  # suffix of the ids of unanswerable questions
_ID = b'"question_id"'
_FORMAT = "pass a JSON file of LongMemEval; docs/benchmarks.md links to them"
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class HistorySession:
    """The messages of one session; `answering` are the places of those with the answer."""

    messages: tuple[Message, ...]
    answering: frozenset[int]
    is_evidence: bool


@dataclass(frozen=True, slots=True)
class HistoryQuestion:
    """A question and its chat history."""

    text: str
    category: str
    has_answer: bool
    sessions: tuple[HistorySession, ...]


def count_questions(path: Path) -> int:
    """Return the number of questions in a file, without parsing it. Raises InvalidInputError."""
    try:
        with path.open("rb") as file:
            found, tail = 0, b""
            while chunk := file.read(_CHUNK_BYTES):
                found += (tail + chunk).count(_ID)
                tail = chunk[-len(_ID) + 1 :]
            return found
    except OSError as error:
        raise unreadable(path, error, _FORMAT) from error


def read_questions(path: Path, limit: int | None = None) -> Iterator[HistoryQuestion]:
    """Yield the questions of a file, at most `limit`. Raises InvalidInputError."""
    try:
        with path.open("rb") as file:
            for number, instance in enumerate(islice(read_records(file), limit), start=1):
                with in_record(number):
                    question = _question(instance)
                yield question
    except (OSError, ValueError) as error:
        raise unreadable(path, error, _FORMAT) from error


def _question(instance: Any) -> HistoryQuestion:  # noqa: ANN401 - as it was published
    evidence = set(instance["answer_session_ids"])
    haystack = [instance[f"haystack_{name}"] for name in ("session_ids", "dates", "sessions")]
    if len({*map(len, haystack)}) > 1:
        raise ValueError("the numbers of its sessions, ids and dates differ")
    return HistoryQuestion(
        validate_text("question", instance["question"], limits.MAX_QUERY_CHARS),
        instance["question_type"],
        not instance["question_id"].endswith(_ABSTENTION),
        tuple(
            _session(_time_of(date), turns, is_evidence=session_id in evidence)
            for session_id, date, turns in zip(*haystack, strict=True)
        ),
    )


def _session(
    began_at: datetime, turns: Sequence[Mapping[str, Any]], *, is_evidence: bool
) -> HistorySession:
    spoken = [turn for turn in turns if turn["content"].strip()]
    messages = (
        Message.validate(
            Role(turn["role"]), turn["content"], None, began_at + place * _BETWEEN_MESSAGES
        )
        for place, turn in enumerate(spoken)
    )
    answering = (place for place, turn in enumerate(spoken) if turn.get("has_answer"))
    return HistorySession(tuple(messages), frozenset(answering), is_evidence)


def _time_of(text: str) -> datetime:
    return datetime.strptime(text, _TIME).replace(tzinfo=UTC)
