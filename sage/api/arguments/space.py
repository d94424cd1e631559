"""Arguments that select a space, and a page of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from sage.api.arguments.strict import Arguments, WholeNumber
from sage.domain import limits
from sage.domain.listing import PageRequest

if TYPE_CHECKING:
    from sage.domain.caller import Caller
_DEFAULT = PageRequest()


class SpaceArguments(Arguments):
    """Arguments of a call that uses one space.

    The space is in the schema for models only if they may choose one.
    """

    space: str | None = Field(
        default=None,
        description=(
            "The space to use, if the token has access to several. Default: the first space"
            " of the token."
        ),
    )

    takes_all_spaces: ClassVar[bool] = False


class ManySpacesArguments(SpaceArguments):
    """Arguments of a call that can search all spaces at once."""

    space: str | None = Field(
        default=None,
        description=(
            "The space to use, if the token has access to several; `*` for all of them."
            " Default: the first space of the token."
        ),
    )

    takes_all_spaces: ClassVar[bool] = True


class PageArguments(SpaceArguments):
    """The part of a list to read."""

    limit: WholeNumber = Field(
        default=_DEFAULT.limit,
        description="The maximum number of entries to return; a page has fewer if their texts are"
        " long.",
        json_schema_extra={"minimum": 1, "maximum": limits.MAX_PAGE_ITEMS},
    )
    cursor: str | None = Field(
        default=None,
        description="The `next_cursor` or `previous_cursor` of another page. Default: the first"
        " page.",
        json_schema_extra={"pattern": "^-?[A-Za-z0-9_-]{32}$"},
    )

    def to_request(self, caller: Caller) -> PageRequest:
        """Build the domain's request. Raises InvalidInputError that names the argument."""
        return PageRequest(**self.page_of(caller))

    def page_of(self, caller: Caller) -> dict[str, Any]:
        """Return the fields of a PageRequest, which more specific requests have, too."""
        return {
            "limit": self.limit,
            "cursor": self.cursor,
            "space_id": caller.space_id,
            "reader": caller.author,
        }
