"""The search page, which explains why a memory was found."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sage.access.audit.event import note_ids
from sage.access.authorization import current_caller
from sage.api.arguments import LocateArguments, SearchArguments
from sage.api.tools import SEARCH
from sage.console.calendar import calendar_of
from sage.console.capture import captured, sessions_since_yesterday
from sage.domain import limits
from sage.domain.caller import SpaceRole
from sage.domain.listing import SessionsRequest
from sage.domain.provenance import Via
from sage.domain.relevance import MinRelevance, Relevance
from sage.retrieval.ranking.explanations import bars, loses_most_in, reasons, sentences
from sage.retrieval.text.highlights import split_at_matches

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.responses import Response

    from sage.console.context import PageContext
    from sage.domain.searching import Hit

_SHOWN, _MORE, _RECENT = 8, 12, 5
_ID = re.compile(r"[0-9a-f]{8}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_FILTERS = ("project", "role", "after", "before", "old")


@dataclass(frozen=True, slots=True)
class ListedHit:
    """A hit with its rank. `pieces` are its text, each with whether it matches the question."""

    place: int
    hit: Hit
    pieces: Sequence[tuple[str, bool]]


async def search(context: PageContext) -> Response:
    """Show the answer to a question, and why the chosen hit was found. Raises SageError."""
    asked = context.request.query_params
    query = asked.get("q", "").strip()
    if not query:
        return await _home(context)
    began = time.perf_counter()
    arguments = SearchArguments(**_arguments(query, asked, context.space))
    answer = await SEARCH.call(context.services, arguments, Via.CONSOLE)
    took_ms = (time.perf_counter() - began) * 1000
    judged_by = answer.judged_by
    found = [
        ListedHit(place, hit, split_at_matches(hit.content, hit.matches))
        for place, hit in enumerate(answer.results, 1)
    ]
    chosen = next(
        (one for one in found if str(one.hit.memory_id) == asked.get("hit")),
        found[0] if found else None,
    )
    shown = max(_wanted(asked.get("show")), chosen.place if chosen else 0)
    return context.render(
        "search.html",
        query=query,
        answer=answer,
        took_ms=round(took_ms),
        thresholds=judged_by.thresholds if judged_by else None,
        likely=judged_by.probability if judged_by else None,
        found=found,
        shown=min(shown, len(found)),
        more=_MORE,
        chosen=chosen,
        has_chosen="hit" in asked,
        why=_why(found, chosen, answer.relevance) if chosen else None,
        other=await _located(context),
        asked_other=asked.get("other", ""),
        **await _filters(context),
    )


async def _home(context: PageContext) -> Response:
    caller = current_caller(SpaceRole.READER, context.space)
    recent = await sessions_since_yesterday(context, caller, _RECENT)
    has_recent = bool(recent)
    if not recent:
        page = SessionsRequest(_RECENT, None, caller.space_id, caller.author)
        recent = (await context.services.listing.list_sessions(page)).sessions
    return context.render(
        "home.html",
        query="",
        said=await context.services.listing.totals(caller.space_id),
        recent=recent,
        has_recent=has_recent,
        capture=await captured(context),
        calendar=await calendar_of(context, caller),
        **await _filters(context),
    )


def _arguments(query: str, asked: Mapping[str, str], space: str | None) -> dict[str, Any]:
    """Return the arguments of a search."""
    project = asked.get("project")
    return {
        "query": query,
        "n": limits.MAX_RESULTS,
        "min_relevance": MinRelevance.NONE,
        "role": asked.get("role") or None,
        "after": asked.get("after") or None,
        "before": asked.get("before") or None,
        "metadata": {"project": project} if project else None,
        "include_superseded": bool(asked.get("old")),
        "highlights": True,
        "details": True,
        "explain": True,
        "space": space,
    }


async def _filters(context: PageContext) -> dict[str, Any]:
    """Return the values of the form of filters."""
    asked = context.request.query_params
    space_id = context.grant.space_id if context.grant else ""
    return {
        "asked": {name: asked.get(name, "") for name in _FILTERS},
        "projects": await context.services.projects.name_projects(space_id),
    }


def _why(found: Sequence[ListedHit], chosen: ListedHit, relevance: Relevance) -> dict[str, object]:
    matched = [text for text, is_match in chosen.pieces if is_match]
    pro, con = reasons(chosen.hit, matched)
    first = found[0].hit.contributions if chosen.place > 1 else {}
    is_unlikely = relevance is Relevance.NONE
    return {
        "sentences": sentences(pro, con, compared=len(found), is_unlikely=is_unlikely),
        "con": con,
        "bars": bars(chosen.hit.contributions, first),
    }


async def _located(context: PageContext) -> dict[str, object] | None:
    """Return the rank of another memory in the search, if one is given by id or by words.

    Raises InvalidInputError, StoreError.
    """
    asked = context.request.query_params
    other = asked.get("other", "").strip()
    if not other:
        return None
    is_id = _ID.fullmatch(other) is not None
    common = _arguments(asked["q"].strip(), asked, context.space)
    arguments = LocateArguments(
        **common, memory_id=other.lower() if is_id else None, text=None if is_id else other
    )
    caller = current_caller(SpaceRole.READER, context.space)
    request = arguments.to_locate_request(caller, context.services.settings.timezone)
    located = await context.services.locating.locate(request)
    note_ids([located.memory.memory_id] if located.memory else [])
    added = located.contributions
    first = {} if located.place == 1 else located.first
    return {
        "located": located,
        "by_words": not is_id,
        "bars": bars(added, first),
        "worst": loses_most_in(added, first) if added and first else "",
    }


def _wanted(show: str | None) -> int:
    return int(show) if show and show.isdecimal() and len(show) < 4 else _SHOWN  # noqa: PLR2004
