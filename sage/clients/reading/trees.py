"""Conversations that are trees: a regenerated answer or an edited question begins a branch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sage.clients.reading.format import UNREADABLE, Entry, read_one
from sage.clients.transcripts.times import time_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

BRANCHES = "branches"


@dataclass(frozen=True, slots=True)
class TreeNode:
    """A message in a tree: the id of its parent, and its entries, if any."""

    parent: str | None
    entries: tuple[Entry, ...] = ()


def nodes_of(
    messages: Mapping[str, object], parent: str, read: Callable[..., Iterable[Entry]]
) -> dict[str, TreeNode]:
    """Return the nodes of messages by their ids; `parent` is the field with the parent's id.

    `read` is called with each message and its id. A message that raises an error stays in the tree,
    so that the others are found.
    """
    return {
        key: TreeNode(one.get(parent) if isinstance(one, dict) else None, read_one(read, one, key))
        for key, one in messages.items()
    }


def by_id(messages: Iterable[object], name: str) -> dict[str, object]:
    """Return messages by their ids, or by their position without one."""
    return {
        str((one.get(name) if isinstance(one, dict) else None) or f"#{place}"): one
        for place, one in enumerate(messages)
    }


def read_tree(nodes: Mapping[str, TreeNode], current: object = None) -> Iterator[Entry]:
    """Yield the messages up to the `current` one, then those of other branches.

    Without a current one it is the newest leaf. A message that is dated before its parent is moved
    to a microsecond after that.
    """
    path = active_path(nodes, current)
    latest: datetime | None = None
    for key in path:
        for entry in nodes[key].entries:
            said_at = time_of(entry.said_at)
            if said_at and latest and said_at < latest:
                said_at = latest + timedelta(microseconds=1)
            latest = said_at or latest
            yield replace(entry, said_at=said_at) if said_at else entry
    on_path = set(path)
    for key, node in nodes.items():
        for entry in node.entries if key not in on_path else ():
            yield entry if entry.left_out else replace(entry, left_out=BRANCHES)


def active_path(nodes: Mapping[str, TreeNode], current: object = None) -> list[str]:
    """Return the ids from the first message to the current one, without other branches."""
    at = current if isinstance(current, str) and current in nodes else _newest_end(nodes)
    path: list[str] = []
    for _ in range(len(nodes)):  # also where messages follow each other in a circle
        if at is None or at not in nodes:
            break
        path.append(at)
        at = nodes[at].parent
    return path[::-1]


def _newest_end(nodes: Mapping[str, TreeNode]) -> str | None:
    parents = {node.parent for node in nodes.values()}
    ends = [(key, place) for place, key in enumerate(nodes) if key not in parents]
    return max(ends, key=lambda end: (*_rank(nodes[end[0]]), end[1]), default=(None, 0))[0]


def _rank(node: TreeNode) -> tuple[bool, float]:
    return not any(entry.left_out == UNREADABLE for entry in node.entries), _stamp(node)


def _stamp(node: TreeNode) -> float:
    times = (time_of(entry.said_at) for entry in node.entries)
    return max((when.timestamp() for when in times if when), default=0.0)
