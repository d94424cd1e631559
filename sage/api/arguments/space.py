"""The argument that chooses a space."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from sage.api.arguments.strict import Arguments


class SpaceArguments(Arguments):
    """Arguments of a call that reaches into one space.

    Models are shown the space only where they may choose one.
    """

    space: str | None = Field(
        default=None,
        description="Which memory, where the token opens several. Default: the token's first.",
    )

    takes_all_spaces: ClassVar[bool] = False


class ManySpacesArguments(SpaceArguments):
    """Arguments of a call that can look through all spaces at once."""

    space: str | None = Field(
        default=None,
        description="Which memory, where the token opens several; `*`: all of them. Default: the"
        " token's first.",
    )

    takes_all_spaces: ClassVar[bool] = True
