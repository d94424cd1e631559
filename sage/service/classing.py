"""Classes the messages that are saved: what each is, and which of them answers which."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sage.retrieval.message_classes.classing import RULES_VERSION, Turn, classes_of
from sage.store.message_classes import StoredClass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.store.memories import NewMemory


def classed(new: Sequence[NewMemory]) -> list[NewMemory]:
    """Return the messages of a conversation with their classes, in their order."""
    order = sorted(range(len(new)), key=lambda place: new[place].memory.created_at)
    said = [new[place].memory for place in order]
    found = classes_of([Turn(one.role, one.content) for one in said])
    replies = {one.reply_to: said[at].memory_id for at, one in enumerate(found)}
    answer = list(new)
    for at, place in enumerate(order):
        stored = StoredClass(found[at].message_class, RULES_VERSION, replies.get(at))
        answer[place] = replace(new[place], classed=stored)
    return answer
