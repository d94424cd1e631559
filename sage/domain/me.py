"""The caller, what they may do, and what this Sage offers."""

from __future__ import annotations

from dataclasses import dataclass, field

from sage.domain.answer import Answer, doc
from sage.domain.caller import SpaceRole


@dataclass(frozen=True, slots=True)
class OpenedSpace(Answer):
    """A space that the caller has access to."""

    name: str = field(metadata=doc("The name of the space; pass it as `space`."))
    role: SpaceRole = field(metadata=doc("The role of the caller in the space."))
    manages: bool = field(
        metadata=doc(
            "Whether the caller manages the space and its tokens, and can read its audit log."
        )
    )


@dataclass(frozen=True, slots=True)
class Me(Answer):
    """The caller, and the Sage that they call."""

    token: str | None = field(metadata=doc("The name of the token; null if none was used."))
    user: str | None = field(metadata=doc("The user of the token; null if it belongs to none."))
    author: str | None = field(
        metadata=doc("The author of what the caller saves; null for the owner of the server.")
    )
    spaces: tuple[OpenedSpace, ...] = field(
        metadata=doc("The spaces that the caller has access to, the default one first.")
    )
    sees_server: bool = field(
        metadata=doc(
            "Whether the caller can read data about the whole server, such as its metrics."
        )
    )
    manages_server: bool = field(
        metadata=doc("Whether the caller manages all spaces, users, tokens and apps.")
    )
    token_required: bool = field(metadata=doc("Whether calls need a token."))
    public_url: str | None = field(
        metadata=doc("The public URL of this Sage; null if none is configured.")
    )
    timezone: str = field(metadata=doc("The time zone of words for days, such as yesterday."))
    version: str = field(metadata=doc("The version of Sage."))
    features: tuple[str, ...] = field(
        metadata=doc(
            "The enabled features: `oauth`, `connector_tools`, `reranker`, `summaries`,"
            " `replica`, `backups`, `audit`, `masking`, `documentation`."
        )
    )
