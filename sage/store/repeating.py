"""Repeat work that failed because a table was moved or removed after its statement was planned.

In a distributed database shards are moved and split while they are used.
"""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from sage.errors import StoreError
from sage.store.failures import planned_too_early

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

_PAUSES_S = (0.05, 0.25)
"""The pauses in which the servers of a cluster learn of a move, one after another."""

_Result = TypeVar("_Result")
_Given = ParamSpec("_Given")


async def repeated(
    work: Callable[[], Awaitable[_Result]],
    is_repeatable: Callable[[StoreError], bool] = planned_too_early,
) -> _Result:
    """Call `work`, up to three times if it fails with an error that may be temporary.

    It is one transaction, or has the same effect when it is repeated. Raises what it raises.
    """
    for pause_s in _PAUSES_S:
        try:
            return await work()
        except StoreError as error:
            if not is_repeatable(error):
                raise
        await asyncio.sleep(pause_s)
    return await work()


def repeatable(
    method: Callable[_Given, Awaitable[_Result]],
) -> Callable[_Given, Coroutine[Any, Any, _Result]]:
    """Return a method, which is one transaction, that is repeated as `repeated` does."""

    @functools.wraps(method)
    async def again(*args: _Given.args, **given: _Given.kwargs) -> _Result:
        return await repeated(lambda: method(*args, **given))

    return again
