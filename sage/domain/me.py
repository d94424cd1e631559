"""The caller, what they may do, and what this Sage offers."""

from __future__ import annotations

from dataclasses import dataclass, field

from sage.domain.answer import Answer, doc
from sage.domain.caller import SpaceRole


@dataclass(frozen=True, slots=True)
class OpenedSpace(Answer):
    """A space that the caller may open."""

    name: str = field(metadata=doc("What it is called; pass it as `space`."))
    role: SpaceRole = field(metadata=doc("What the caller may do there."))
    manages: bool = field(
        metadata=doc("Whether the caller manages it, its tokens, and reads its audit log.")
    )


@dataclass(frozen=True, slots=True)
class Me(Answer):
    """The caller, and the Sage that they call."""

    token: str | None = field(
        metadata=doc("The name of the token that was shown; null where none was.")
    )
    user: str | None = field(metadata=doc("The user of that token; null for none."))
    author: str | None = field(
        metadata=doc(
            "The name that is saved with what they save; null for the owner of the server."
        )
    )
    spaces: tuple[OpenedSpace, ...] = field(
        metadata=doc("The spaces that the caller may open, the default one first.")
    )
    sees_server: bool = field(
        metadata=doc("Whether they may see what is about the whole server, such as its metrics.")
    )
    manages_server: bool = field(
        metadata=doc("Whether they manage every space, user, token and app.")
    )
    token_required: bool = field(metadata=doc("Whether callers must show a token."))
    public_url: str | None = field(
        metadata=doc("The address that others reach this Sage at; null where none is set.")
    )
    timezone: str = field(metadata=doc("The time zone of days, such as yesterday."))
    version: str = field(metadata=doc("The release of Sage."))
    features: tuple[str, ...] = field(
        metadata=doc(
            "What is switched on: `oauth`, `connector_tools`, `reranker`, `summaries`, `replica`,"
            " `backups`, `audit`, `masking`, `documentation`."
        )
    )
