"""Routes reads to the replica while it is up to date, else to the primary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from sage.errors import StoreError
from sage.store.repeating import repeated

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sage.service.context import ContextBuilder
    from sage.service.search.pipeline import SearchPipeline
    from sage.store.connections.replica import Replica

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class DatabaseReader:
    """Answers searches and requests for context from one database."""

    pipeline: SearchPipeline
    context: ContextBuilder


class Readers:
    """The reader of the primary, and that of its replica if there is one."""

    def __init__(
        self,
        primary: DatabaseReader,
        replica: Replica | None = None,
        of_replica: DatabaseReader | None = None,
    ) -> None:
        self._primary = primary
        self._replica = replica
        self._of_replica = of_replica

    async def read(self, work: Callable[[DatabaseReader], Awaitable[_Result]]) -> _Result:
        """Call `work`, which only reads, with the replica; if that fails, with the primary.

        Raises what `work` raises on the primary.
        """
        replica, reader = self._replica, self._of_replica
        if replica is not None and reader is not None and await replica.catches_up():
            try:
                return await work(reader)
            except StoreError as error:
                replica.eject(error)
        return await repeated(lambda: work(self._primary))
