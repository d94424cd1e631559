"""Servers of a cluster that do not answer: their spaces are refused, and work goes on without them.

Otherwise each call to one of them holds a connection for as long as a statement may take, and calls
to spaces of other servers wait for it. Where nothing is distributed, nothing is watched.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager, suppress
from contextvars import Context
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sage.store.failures import FAILURES, node_is_away, to_store_error
from sage.store.named_sql import query
from sage.telemetry.logs import get_logger
from sage.telemetry.metrics.catalog import NODE_REFUSED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sage.store.connections.connection import Connection
    from sage.store.connections.connector import Connector

_ASK_NODE = query("ask_node_of_group")
_GROUP_OF_SPACE = query("group_of_space")
_LIST_GROUPS = query("list_node_groups")

_SUSPICIOUS_S = 1.5
_ANSWER_S = 2.5
"""A server that is only busy answers by then."""
_CONNECT_S = 3.0
_AGAIN_S = 0.5
_ALL_AGAIN_S = 5.0
"""How often all servers are asked while a statement over all of them takes long."""
_FIND_OUT_S = 6.0

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AbsentNode:
    """A server that does not answer, and when this was noticed.

    Citus knows it by the number of its group and by its address.
    """

    group: int
    address: str
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    noticed_at: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class _Call:
    """A call that takes long; to all spaces if it is of none."""

    space_id: str | None
    driver: Any
    began_at: float


class AbsentNodes:
    """Knows which servers do not answer, and refuses their spaces until they do.

    A server is asked when a call to a space of it takes longer than 1.5 s, and then twice a second
    until no call does and it answers. All are asked when work over all spaces takes that long, and
    when a call fails since a server does not answer.
    """

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._away: dict[int, AbsentNode] = {}
        self._slow: dict[int, _Call] = {}
        self._groups: dict[str, int] = {}
        self._asks_all = False
        self._asked_all_at = 0.0
        self._asked_all = asyncio.Event()
        self._watch: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Stop asking servers."""
        if self._watch is not None:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch

    @property
    def known(self) -> Mapping[int, AbsentNode]:
        """The servers that do not answer, by the numbers of their groups."""
        return self._away

    def require(self, space_id: str | None) -> None:
        """Raise StoreUnavailableError where it is known that the server of a space is away."""
        if self.has_away(space_id):
            raise node_is_away()

    async def require_by(self, conn: Connection, space_id: str | None) -> None:
        """Ask where a space lies, if any server is away. Raises as `require` does, StoreError."""
        if not self._away or space_id is None:
            return
        if space_id not in self._groups:
            group = await conn.fetchval(_GROUP_OF_SPACE, space_id, timeout_s=_ANSWER_S)
            self._groups[space_id] = group
        self.require(space_id)

    def has_away(self, space_id: str | None) -> bool:
        """Return whether it is known that the server of a space is away."""
        return bool(self._away) and self._groups.get(space_id or "") in self._away

    @contextmanager
    def watching(self, space_id: str | None, driver: Any) -> Iterator[None]:  # noqa: ANN401 - asyncpg ships no types
        """Watch a call to a space, or to all for None; end its connection if it waits for a server.

        A call to all spaces is ended only if it began before the server was known to be away.
        """
        if not self._connector.is_distributed:
            yield
            return
        call = _Call(space_id, driver, time.monotonic())
        timer = asyncio.get_running_loop().call_later(_SUSPICIOUS_S, self._suspect, call)
        try:
            yield
        finally:
            timer.cancel()
            self._slow.pop(id(driver), None)

    def ask_all(self) -> None:
        """Ask all servers once whether they answer; return at once."""
        if self._connector.is_distributed:
            self._asks_all = True
            self._asked_all.clear()
            self._begin()

    async def until_all_are_asked(self) -> None:
        """Wait up to 6 s until it is known which servers answer. Raises nothing."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_FIND_OUT_S):
                await self._asked_all.wait()

    def _suspect(self, call: _Call) -> None:
        self._slow[id(call.driver)] = call
        self._begin()

    def _begin(self) -> None:
        if self._watch is None or self._watch.done():
            self._watch = asyncio.get_running_loop().create_task(
                self._ask_until_all_answer(),
                context=Context(),  # it belongs to no request
            )

    async def _ask_until_all_answer(self) -> None:
        while self._slow or self._away or self._asks_all:
            try:
                await self._ask_suspects()
            except FAILURES as error:  # of the coordinator, which every call reports
                self._asks_all = False
                self._asked_all.set()
                log.debug("nodes_not_asked", reason=to_store_error(error).message)
            await asyncio.sleep(_AGAIN_S)
        self._groups.clear()  # shards may move in the meantime

    async def _ask_suspects(self) -> None:
        """Ask the servers that calls wait for, and those that are away. Raises the driver's."""
        of_spaces = [one.space_id for one in self._slow.values() if one.space_id is not None]
        await self._locate(of_spaces)
        self._end_calls_to_away()
        asks_all, groups = self._asks_all or self._is_time_for_all(), set(self._away)
        nodes = await self._nodes()
        if asks_all:
            groups = set(nodes)
        groups |= {self._groups[one] for one in of_spaces if one in self._groups}
        answers = await asyncio.gather(*map(self._answers, sorted(groups)))
        for group, answered in zip(sorted(groups), answers, strict=True):
            self._note(group, nodes.get(group, ""), answers=answered)
        if asks_all:
            self._asks_all, self._asked_all_at = False, time.monotonic()
            self._asked_all.set()

    def _is_time_for_all(self) -> bool:
        waits = any(one.space_id is None for one in self._slow.values())
        return waits and time.monotonic() - self._asked_all_at > _ALL_AGAIN_S

    def _note(self, group: int, address: str, *, answers: bool) -> None:
        if answers and group in self._away:
            NODE_REFUSED.labels(self._away.pop(group).address).set(0)
            log.info("node_answers_again", group=group, node=address)
        if answers:
            return
        if group not in self._away:
            self._away[group] = AbsentNode(group, address)
            NODE_REFUSED.labels(address).set(1)
            log.warning("node_does_not_answer", group=group, node=address)
        self._end_calls_to_away()

    def _end_calls_to_away(self) -> None:
        for one in self._slow.values():
            if one.space_id is None:
                is_stuck = any(one.began_at < node.noticed_at for node in self._away.values())
            else:
                is_stuck = self.has_away(one.space_id)
            if is_stuck:
                one.driver.terminate()

    async def _locate(self, spaces: Sequence[str]) -> None:
        """Ask the coordinator which servers spaces lie on. Raises the driver's exceptions."""
        unknown = [one for one in dict.fromkeys(spaces) if one not in self._groups]
        if not unknown:
            return
        driver = await self._opened()
        try:
            for space_id in unknown:
                self._groups[space_id] = await driver.fetchval(
                    _GROUP_OF_SPACE, space_id, timeout=_ANSWER_S
                )
        finally:
            driver.terminate()

    async def _nodes(self) -> dict[int, str]:
        """Ask the coordinator for the addresses of all servers with spaces. Raises the driver's."""
        driver = await self._opened()
        try:
            rows = await driver.fetch(_LIST_GROUPS, timeout=_ANSWER_S)
        finally:
            driver.terminate()
        return {row["groupid"]: f"{row['host']}:{row['port']}" for row in rows}

    async def _answers(self, group: int) -> bool:
        """Ask a server by a connection of its own, through the coordinator."""
        driver = await self._opened()
        try:
            return bool(await driver.fetchval(_ASK_NODE, group, timeout=2 * _ANSWER_S))
        except FAILURES:
            return False
        finally:
            driver.terminate()

    async def _opened(self) -> Any:  # noqa: ANN401 - asyncpg ships no types
        bound = f"{_ANSWER_S * 1000:.0f}"
        return await self._connector.connect_unbounded(_CONNECT_S, {"statement_timeout": bound})
