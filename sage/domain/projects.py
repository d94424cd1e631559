"""Projects, by the `project` in the metadata of memories, under each of their names."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sage.domain import limits
from sage.domain.answer import Answer, doc
from sage.domain.memories import DEFAULT_SPACE
from sage.domain.validation import validate_text
from sage.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class Project(Answer):
    """A project, and how many memories it has."""

    name: str = field(metadata=doc("The name of the project, usually the path of a directory."))
    other_names: tuple[str, ...] = field(
        metadata=doc("Other names of the project; messages saved under them belong to it, too.")
    )
    memories: int = field(metadata=doc("The number of messages in the project."))
    sessions: int = field(metadata=doc("The number of conversations in the project."))
    first_at: datetime | None = field(
        metadata=doc("The time of its first message, UTC; null if it has none.")
    )
    last_at: datetime | None = field(
        metadata=doc("The time of its latest message, UTC; null if it has none.")
    )
    looks_like: tuple[str, ...] = field(
        metadata=doc("Projects whose repositories have the same first commit or remote address.")
    )


@dataclass(frozen=True, slots=True)
class ProjectList(Answer):
    """The projects of a space, ordered by their latest message, newest first."""

    projects: tuple[Project, ...] = field(
        metadata=doc(f"The projects, at most {limits.MAX_PROJECTS_LISTED:,}.")
    )


@dataclass(frozen=True, slots=True)
class RenameRequest:
    """A request to rename the project `old`: from now on it belongs to `new`.

    A `dry_run` changes nothing. `undo` separates `old` from `new` again.
    """

    old: str
    new: str
    dry_run: bool = False
    undo: bool = False
    space_id: str = DEFAULT_SPACE

    def __post_init__(self) -> None:
        """Validate the names. Raises InvalidInputError."""
        for name, text in (("old", self.old), ("new", self.new)):
            validate_text(name, text, limits.MAX_PROJECT_CHARS)
        if self.old == self.new:
            raise InvalidInputError("new", "{field} is the same name as old", hint="pass two names")


@dataclass(frozen=True, slots=True)
class RenameReceipt(Answer):
    """The outcome of renaming or merging projects."""

    project: str = field(metadata=doc("The project that the messages belong to now."))
    former: str = field(metadata=doc("The project that they belonged to before."))
    memories: int = field(metadata=doc("The number of these messages."))
    sessions: int = field(metadata=doc("The number of conversations that they are in."))
    there: int = field(metadata=doc("The number of other messages in the project."))
    changed: bool = field(metadata=doc("False if nothing had to change; true also for a dry run."))


@dataclass(frozen=True, slots=True)
class Sighting:
    """A project with its repository on a machine; `identities` are SHA-256 digests."""

    project: str
    identities: tuple[bytes, ...]
    space_id: str = DEFAULT_SPACE


@dataclass(frozen=True, slots=True)
class Resemblance(Answer):
    """The project that a directory resembles."""

    project: str = field(
        metadata=doc("The project with the same repository; empty if there is none.")
    )


@dataclass(frozen=True, slots=True)
class Recorded(Answer):
    """The number of recorded identities."""

    recorded: int = field(metadata=doc("The number of identities that were not known before."))
