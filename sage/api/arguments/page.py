"""Arguments that choose one page of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from sage.api.arguments.space import SpaceArguments
from sage.api.arguments.strict import WholeNumber
from sage.domain import limits
from sage.domain.listing import PageRequest

if TYPE_CHECKING:
    from sage.domain.caller import Caller

_DEFAULT = PageRequest()


class PageArguments(SpaceArguments):
    """Which part of a list to read."""

    limit: WholeNumber = Field(
        default=_DEFAULT.limit,
        description="How many entries to return at most; fewer where their texts are long.",
        json_schema_extra={"minimum": 1, "maximum": limits.MAX_PAGE_ITEMS},
    )
    cursor: str | None = Field(
        default=None,
        description="Where to go on: next_cursor or previous_cursor of another page. Left out, the"
        " first page.",
        json_schema_extra={"pattern": "^-?[A-Za-z0-9_-]{32}$"},
    )

    def to_request(self, caller: Caller) -> PageRequest:
        """Build the domain's request. Raises InvalidInputError that names the argument."""
        return PageRequest(self.limit, self.cursor, caller.space_id, caller.author)
