"""Arguments that read memories by their ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from sage.api.arguments.space import SpaceArguments
from sage.api.arguments.strict import Flag, JsonString
from sage.domain import limits
from sage.domain.ids import split_ids
from sage.domain.reading import ReadRequest

if TYPE_CHECKING:
    from sage.domain.caller import Caller

_Ids = Annotated[list[str], Field(min_length=1, max_length=limits.MAX_READ_IDS)]


class DetailsArguments(SpaceArguments):
    """What reading one memory takes."""

    include_forgotten: Flag = Field(
        default=False,
        description="Whether to read it though it be forgotten: for who may bring it back.",
    )


class ReadArguments(SpaceArguments):
    """What get_memories takes."""

    memory_ids: Annotated[_Ids, JsonString] = Field(
        description="Ids from search_memory or get_context, whole or short."
    )

    def to_request(self, caller: Caller) -> ReadRequest:
        """Build the domain's request. Raises InvalidInputError that names the argument."""
        memory_ids, short_ids = split_ids("memory_ids", self.memory_ids)
        return ReadRequest(memory_ids, short_ids, caller.space_id, caller.author)
