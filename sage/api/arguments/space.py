"""The argument that chooses a space."""

from __future__ import annotations

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
