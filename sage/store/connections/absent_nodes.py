"""Servers of a cluster that take connections and answer nothing: their spaces are refused at once.

Otherwise each call to one of them holds a connection for as long as a statement may take, and calls
to spaces of other servers wait for it. Where nothing is distributed, nothing is watched.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, suppress
from contextvars import Context
from typing import TYPE_CHECKING, Any

from sage.store.failures import FAILURES, node_is_away, to_store_error
from sage.store.named_sql import query
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sage.store.connections.connection import Connection
    from sage.store.connections.connector import Connector

_ASK_NODE = query("ask_node_of_group")
_GROUP_OF_SPACE = query("group_of_space")

_SUSPICIOUS_S = 1.5
_ANSWER_S = 2.5
"""A server that is only busy answers by then."""
_CONNECT_S = 3.0
_AGAIN_S = 0.5

log = get_logger(__name__)


class AbsentNodes:
    """Knows which servers do not answer, and refuses their spaces until they do.

    A server is asked when a call to a space of it takes longer than 1.5 s, and then twice a second
    until no call does and it answers.
    """

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._away: set[int] = set()
        self._slow: dict[int, tuple[str, Any]] = {}
        self._groups: dict[str, int] = {}
        self._watch: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Stop asking servers."""
        if self._watch is not None:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch

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
        """Watch a call to a space; end its connection if the server of the space is away."""
        if space_id is None or not self._connector.is_distributed:
            yield
            return
        number = id(driver)
        loop = asyncio.get_running_loop()
        timer = loop.call_later(_SUSPICIOUS_S, self._suspect, number, space_id, driver)
        try:
            yield
        finally:
            timer.cancel()
            self._slow.pop(number, None)

    def _suspect(self, number: int, space_id: str, driver: Any) -> None:  # noqa: ANN401 - asyncpg ships no types
        self._slow[number] = (space_id, driver)
        if self._watch is None or self._watch.done():
            self._watch = asyncio.get_running_loop().create_task(
                self._ask_until_all_answer(),
                context=Context(),  # it belongs to no request
            )

    async def _ask_until_all_answer(self) -> None:
        while self._slow or self._away:
            try:
                await self._locate([space_id for space_id, _ in self._slow.values()])
                self._end_calls_to_away()
                slow = {self._groups[one] for one, _ in self._slow.values() if one in self._groups}
                for group in slow | self._away:
                    self._note(group, answers=await self._answers(group))
            except FAILURES as error:  # of the coordinator, which every call reports
                log.debug("nodes_not_asked", reason=to_store_error(error).message)
            await asyncio.sleep(_AGAIN_S)
        self._groups.clear()  # shards may move in the meantime

    def _note(self, group: int, *, answers: bool) -> None:
        if answers and group in self._away:
            self._away.remove(group)
            log.info("node_answers_again", group=group)
        if answers:
            return
        if group not in self._away:
            self._away.add(group)
            log.warning("node_does_not_answer", group=group)
        self._end_calls_to_away()

    def _end_calls_to_away(self) -> None:
        for space_id, driver in self._slow.values():
            if self.has_away(space_id):
                driver.terminate()

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
