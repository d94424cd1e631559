"""Arguments of questions."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from sage.api.arguments.space import ManySpacesArguments
from sage.api.arguments.strict import Flag, JsonString, Number, WholeNumber
from sage.api.arguments.values import MEMORY_ID, parse_moment
from sage.domain import limits
from sage.domain.gathering import ContextRequest
from sage.domain.ids import split_ids
from sage.domain.locating import LocateRequest
from sage.domain.memories import Role, validate_role
from sage.domain.provenance import Trust, parse_trust
from sage.domain.relevance import MinRelevance, validate_min_relevance
from sage.domain.searching import Filters, SearchRequest

if TYPE_CHECKING:
    from datetime import tzinfo

    from sage.domain.caller import Caller

_DEFAULT_HITS = 5

_MIN_RELEVANCE: Any = Field(
    default=None,
    description="How well they must answer; none: show the closest. Default: weak.",
    json_schema_extra={"enum": [str(least) for least in MinRelevance]},
)
_Query = Annotated[
    str,
    Field(
        description=(
            "A question or words, in any language. Names of speakers and dates count too."
        ),
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_QUERY_CHARS},
    ),
]


class SearchArguments(ManySpacesArguments):
    """The arguments of search_memory."""

    for_programs = frozenset(
        {"similarity_threshold", "author", "trust", "highlights", "details", "explain"}
    )

    query: _Query
    n: WholeNumber | None = Field(
        default=_DEFAULT_HITS,
        description="How many messages: 5 is usually enough, 20 for lists and summaries.",
        json_schema_extra={"minimum": 1, "maximum": limits.MAX_RESULTS},
    )
    min_relevance: str | None = _MIN_RELEVANCE
    similarity_threshold: Number | None = Field(
        default=None,
        description="Leave out memories whose probability is lower, 0 to 1; where that is "
        "unknown, their score beside the others found. min_relevance is usually what is meant.",
        json_schema_extra={"minimum": 0, "maximum": 1},
    )
    session_id: str | None = Field(
        default=None,
        description="Only this conversation.",
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_SESSION_ID_CHARS},
    )
    role: str | None = Field(
        default=None,
        description="Only this role.",
        json_schema_extra={"enum": [str(role) for role in Role]},
    )
    after: str | None = Field(
        default=None,
        description="Only from this time on: ISO 8601 (UTC without an offset), or words such as "
        "yesterday, last week or 昨天.",
    )
    before: str | None = Field(default=None, description="Only before this time, written likewise.")
    metadata: Annotated[dict[str, Any] | None, JsonString] = Field(
        default=None,
        description="Only messages saved with all of these tags.",
        examples=[{"project": "garden"}],
    )
    author: str | None = Field(
        default=None,
        description="Only what this user, or the token of this name, saved.",
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_NAME_CHARS},
    )
    trust: str | None = Field(
        default=None,
        description="Only memories of this trust, as the caller sees them.",
        json_schema_extra={"enum": [str(trust) for trust in Trust]},
    )
    include_superseded: Flag | None = Field(
        default=None, description="Also what later messages replaced."
    )
    include_questions: Flag | None = Field(
        default=None, description="Also what was only asked, not answered."
    )
    outline: Flag | None = Field(
        default=None,
        description="One line of each message, for long ones; get_memories reads them whole.",
    )
    highlights: Flag | None = Field(
        default=None,
        description="Whether to add where words of the query stand in each content.",
    )
    details: Flag | None = Field(
        default=None,
        description="Whether to add the tags, the source and the trust of every hit.",
    )
    explain: Flag | None = Field(
        default=None,
        description="Whether to add the score of each hit, what it is made of, and what relevance"
        " was judged by.",
    )

    def to_request(self, caller: Caller, timezone: tzinfo = UTC) -> SearchRequest:
        """Build the domain's request. Raises InvalidInputError that names the argument.

        Days, such as yesterday, are those of `timezone`.
        """
        return SearchRequest(
            query=self.query,
            n=_DEFAULT_HITS if self.n is None else self.n,
            min_relevance=_min_relevance(self.min_relevance),
            similarity_threshold=self.similarity_threshold,
            filters=Filters(
                session_id=self.session_id,
                role=None if self.role is None else validate_role("role", self.role),
                after=parse_moment("after", self.after, timezone),
                before=parse_moment("before", self.before, timezone),
                metadata=self.metadata or {},
                include_superseded=self.include_superseded or False,
                include_questions=self.include_questions or False,
                author=self.author,
                trust=parse_trust("trust", self.trust, caller.author),
            ),
            outline=self.outline or False,
            highlights=self.highlights or False,
            details=self.details or False,
            explain=self.explain or False,
            space_id=caller.space_id,
            spaces=caller.spaces,
            reader=caller.author,
        )


class LocateArguments(SearchArguments):
    """The arguments of a search, and the memory to locate."""

    memory_id: str | None = Field(default=None, description=MEMORY_ID)
    text: str | None = Field(
        default=None,
        description=(
            "Words of the memory instead of its id: of the memories that contain them, the"
            " closest is located."
        ),
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_QUERY_CHARS},
    )

    def to_locate_request(self, caller: Caller, timezone: tzinfo = UTC) -> LocateRequest:
        """Build the domain's request. Raises InvalidInputError that names the argument.

        Days, such as yesterday, are those of `timezone`.
        """
        given = () if self.memory_id is None else (self.memory_id,)
        whole, short = split_ids("memory_id", given)
        return LocateRequest(self.to_request(caller, timezone), whole, short, self.text)


class ContextArguments(ManySpacesArguments):
    """The arguments of get_context."""

    for_programs = frozenset(
        {"max_results", "min_relevance", "enable_neural_rerank", "enable_llm_summary"}
    )

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
        description="Most tokens the text may take. Default: 2000, unless configured otherwise.",
        json_schema_extra={
            "minimum": limits.MIN_CONTEXT_TOKENS,
            "maximum": limits.MAX_CONTEXT_TOKENS,
        },
    )
    min_relevance: str | None = _MIN_RELEVANCE
    session_id: str | None = Field(
        default=None,
        description="Only this conversation.",
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
            min_relevance=_min_relevance(self.min_relevance),
            filters=Filters(session_id=self.session_id),
            rerank=self.enable_neural_rerank,
            summarize=self.enable_llm_summary,
            space_id=caller.space_id,
            spaces=caller.spaces,
            reader=caller.author,
        )


def _min_relevance(text: str | None) -> MinRelevance | None:
    return None if text is None else validate_min_relevance("min_relevance", text)
