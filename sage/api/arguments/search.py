"""Arguments that ask."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from sage.api.arguments.strict import Arguments, Flag, JsonString, Number, WholeNumber
from sage.domain import limits
from sage.domain.memories import Role, validate_role
from sage.domain.searching import ContextRequest, Filters, SearchRequest
from sage.retrieval.relative_dates import parse_time

if TYPE_CHECKING:
    from datetime import tzinfo

    from sage.domain.caller import Caller

_DEFAULT_HITS = 5

_Query = Annotated[
    str,
    Field(
        description=(
            "What to look for, as a question or as words, in any language. Names of people and "
            "dates count as words too."
        ),
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_QUERY_CHARS},
        examples=["What did Caroline say about the pottery class in May?", "咖啡 偏好"],
    ),
]


class SearchArguments(Arguments):
    """What search_memory takes."""

    query: _Query
    n: WholeNumber | None = Field(
        default=_DEFAULT_HITS,
        description="How many memories to return at most.",
        json_schema_extra={"minimum": 1, "maximum": limits.MAX_RESULTS},
    )
    similarity_threshold: Number | None = Field(
        default=None,
        description="Leave out memories scored lower than this, 0 to 1. Scores are relative to "
        "what else was found for the question: this trims the tail, and does not tell whether "
        "anything answers.",
        json_schema_extra={"minimum": 0, "maximum": 1},
    )
    session_id: str | None = Field(
        default=None,
        description="Look only into this session.",
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_SESSION_ID_CHARS},
    )
    role: str | None = Field(
        default=None,
        description="Only what this role said.",
        json_schema_extra={"enum": [str(role) for role in Role]},
    )
    after: str | None = Field(
        default=None,
        description=(
            "Only what was said at or after this time: ISO 8601 (without an offset, UTC), or words "
            "such as yesterday, last week or 昨天."
        ),
        examples=["2026-05-01T00:00:00Z", "last week"],
    )
    before: str | None = Field(
        default=None,
        description=(
            "Only what was said before this time: ISO 8601 (without an offset, UTC), or words "
            "such as yesterday, last week or 昨天."
        ),
        examples=["2026-06-01T00:00:00Z"],
    )
    metadata: Annotated[dict[str, Any] | None, JsonString] = Field(
        default=None,
        description="Only memories whose metadata contains all of these entries.",
        examples=[{"project": "garden"}],
    )

    def to_request(self, caller: Caller, timezone: tzinfo = UTC) -> SearchRequest:
        """Build the domain's request. Raises InvalidInputError that names the argument.

        Days, such as yesterday, are those of `timezone`.
        """
        return SearchRequest(
            query=self.query,
            n=_DEFAULT_HITS if self.n is None else self.n,
            similarity_threshold=self.similarity_threshold,
            filters=Filters(
                session_id=self.session_id,
                role=None if self.role is None else validate_role("role", self.role),
                after=_time("after", self.after, timezone),
                before=_time("before", self.before, timezone),
                metadata=self.metadata or {},
            ),
            space_id=caller.space_id,
        )


class ContextArguments(Arguments):
    """What get_context takes."""

    query: _Query
    max_results: WholeNumber | None = Field(
        default=None,
        description=(
            "How many memories to list beside the text at most; 10 unless configured otherwise. "
            "It does not bound the text: context_window does."
        ),
        json_schema_extra={"minimum": 1, "maximum": limits.MAX_RESULTS},
    )
    context_window: WholeNumber | None = Field(
        default=None,
        description="How many tokens the text may take; 2000 unless configured otherwise.",
        json_schema_extra={
            "minimum": limits.MIN_CONTEXT_TOKENS,
            "maximum": limits.MAX_CONTEXT_TOKENS,
        },
    )
    session_id: str | None = Field(
        default=None,
        description="Gather only from this session.",
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_SESSION_ID_CHARS},
    )
    enable_neural_rerank: Flag | None = Field(
        default=None,
        description="Whether to order the memories by a reranking model where one is configured.",
    )
    enable_llm_summary: Flag | None = Field(
        default=None,
        description="Whether to put a summary of the memories before them; not unless asked for.",
    )

    def to_request(self, caller: Caller) -> ContextRequest:
        """Build the domain's request. Raises InvalidInputError that names the argument."""
        return ContextRequest(
            query=self.query,
            max_results=self.max_results,
            context_window=self.context_window,
            filters=Filters(session_id=self.session_id),
            rerank=self.enable_neural_rerank,
            summarize=self.enable_llm_summary,
            space_id=caller.space_id,
        )


def _time(field: str, text: str | None, timezone: tzinfo) -> datetime | None:
    if text is None:
        return None
    return parse_time(field, text, now=datetime.now(UTC), timezone=timezone, naive=UTC)
