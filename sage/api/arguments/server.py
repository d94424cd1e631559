"""What is asked about the whole server."""

from __future__ import annotations

from pydantic import Field

from sage.api.arguments.strict import Arguments, WholeNumber


class LatencyArguments(Arguments):
    """How far back to look."""

    hours: WholeNumber = Field(
        default=24,
        description="How many hours back.",
        json_schema_extra={"minimum": 1, "maximum": 168},
    )
