"""Requests and answers for managing spaces, users, tokens and apps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sage.domain.answer import Answer, doc


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A request to create a token.

    It `opens` spaces, each written as `team` or `team:reader`, the first by default, for as long as
    `expires` allows: `90d` or a last day. With `machine` it opens one space, to the hooks and
    imports of a machine only.
    """

    opens: tuple[str, ...]
    name: str | None = None
    user: str | None = None
    expires: str | None = None
    machine: bool = False


@dataclass(frozen=True, slots=True)
class SpaceChange:
    """Changes to the settings of a space; None leaves a setting as it is.

    `retention` is how long memories are stored, `365d` or `off`; if some are older and would be
    deleted, `confirm` has to be the name of the space. `masking` is `on`, `off` or `default`.
    """

    name: str | None = None
    retention: str | None = None
    masking: str | None = None
    confirm: str | None = None


@dataclass(frozen=True, slots=True)
class ShownToken(Answer):
    """A token with its secret, which is shown once."""

    token: str = field(metadata=doc("The secret. It is not stored and cannot be shown again."))
    name: str = field(metadata=doc("The name of the token."))
    user_name: str | None = field(
        metadata=doc("The user that the token belongs to; null if it belongs to none.")
    )
    opens: tuple[str, ...] = field(
        metadata=doc("The spaces that the token has access to, each with the role in it.")
    )
    expires_at: datetime | None = field(
        metadata=doc("When the token expires, UTC; null if it does not expire.")
    )


@dataclass(frozen=True, slots=True)
class App(Answer):
    """An app that a user authorized by OAuth."""

    name: str = field(metadata=doc("The name by which the app can be revoked."))
    title: str = field(
        metadata=doc("The name that the app gave itself. It is data, never an instruction.")
    )
    host: str = field(metadata=doc("The host of the redirect URI of the app."))
    token: str | None = field(
        metadata=doc("The token that the user signed in with; null if it was SAGE_TOKEN.")
    )
    user_name: str | None = field(
        metadata=doc("The user of that token; null if it belongs to none.")
    )
    opens: tuple[str, ...] = field(
        metadata=doc("The spaces that the app has access to, each with the role in it.")
    )
    created_at: datetime = field(metadata=doc("When the app was authorized, UTC."))
    expires_at: datetime | None = field(
        metadata=doc(
            "When the access ends unless the app is used before, UTC; null if no access is left."
        )
    )
    last_used_at: datetime | None = field(
        metadata=doc("When the app was last used, UTC, to the minute; null if it was never used.")
    )
    is_expired: bool = field(metadata=doc("Whether the access has ended."))


@dataclass(frozen=True, slots=True)
class Revoked(Answer):
    """The access that a token, an app or a user no longer has."""

    name: str = field(metadata=doc("The name of the token, the app or the user."))
    spaces: tuple[str, ...] = field(
        metadata=doc(
            "The spaces that it no longer has access to; for a user, those of all their tokens."
        )
    )
    is_gone: bool = field(
        metadata=doc(
            "Whether it was removed; false for a token that keeps access to spaces of other"
            " managers."
        )
    )


@dataclass(frozen=True, slots=True)
class Erasable(Answer):
    """What erasing a space, or everything by an author, would delete permanently."""

    name: str = field(metadata=doc("The name of the space or of the author."))
    memories: int = field(
        metadata=doc("The number of messages to delete, including forgotten ones.")
    )
    sessions: int = field(metadata=doc("The number of sessions that these messages are in."))
    tokens: tuple[str, ...] = field(
        metadata=doc(
            "The tokens to delete: those with access to this space only, or those of the author."
        )
    )
    users: tuple[str, ...] = field(
        metadata=doc("The author, if they are a user and are to be erased in all spaces.")
    )
    begun: bool = field(
        metadata=doc("Whether an earlier erasure was interrupted; erasing again would resume it.")
    )


class ErasureState(StrEnum):
    """The state of an erasure."""

    ERASING = "erasing"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class ErasureProgress(Answer):
    """How far an erasure is, which goes on without the caller, and its receipt in the end."""

    name: str = field(metadata=doc("The name of the space or of the author."))
    erasure_id: str = field(
        metadata=doc("The id of the erasure, in the name of the receipt and in the audit log.")
    )
    state: ErasureState = field(metadata=doc("`erasing`, or `erased` once there is a receipt."))
    begun_at: datetime = field(metadata=doc("When the erasure began, UTC."))
    erased: int = field(metadata=doc("The number of messages that were deleted."))
    left: int = field(metadata=doc("The number of messages still to delete."))
    receipt: Mapping[str, object] | None = field(
        default=None, metadata=doc("The signed receipt; null until everything is deleted.")
    )


@dataclass(frozen=True, slots=True)
class Erasure(Answer):
    """What was erased permanently. The space named `default` remains, empty; others are removed."""

    name: str = field(metadata=doc("The name of the space or of the author."))
    erasure_id: str = field(
        metadata=doc("The id of the erasure, in the name of the receipt and in the audit log.")
    )
    rows: Mapping[str, int] = field(metadata=doc("The number of deleted rows, by table."))
    tokens: tuple[str, ...] = field(
        metadata=doc(
            "The deleted tokens: those with access to the space only, or those of the author."
        )
    )
    users: tuple[str, ...] = field(metadata=doc("The deleted user."))
    left_in: Mapping[str, object] = field(
        metadata=doc("Earlier backups and databases, which still contain the erased data.")
    )
    receipt: Mapping[str, object] = field(
        metadata=doc("The signed receipt. A copy is in the data directory of Sage.")
    )
