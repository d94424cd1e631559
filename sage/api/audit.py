"""Records for the audit log which memories and sessions an answer is about."""

from __future__ import annotations

from typing import TypeVar

from sage.access.audit.event import note_ids, session_mark

_Result = TypeVar("_Result")

_LISTS = ("results", "memories", "sessions")
_IDS = ("memory_id", "id", "session_id")


def audited(answer: _Result) -> _Result:
    """Record the ids in an answer: its own, or those of its entries. Return it unchanged."""
    listed = next((getattr(answer, name) for name in _LISTS if hasattr(answer, name)), None)
    if hasattr(answer, "memory_ids"):
        note_ids(answer.memory_ids)
    elif listed is None:
        note_ids(_id_of(answer))
    elif not isinstance(listed, int):
        for item in listed:
            note_ids(_id_of(item), getattr(item, "space", None))
    return answer


def _id_of(item: object) -> list[object]:
    name = next((name for name in _IDS if hasattr(item, name)), None)
    if name is None:
        return []
    found = getattr(item, name)
    return [session_mark(found) if name == "session_id" else found]
