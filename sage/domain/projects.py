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
    """A project, and how much of it is remembered."""

    name: str = field(metadata=doc("What it is called: mostly the path of a folder."))
    other_names: tuple[str, ...] = field(
        metadata=doc("What is saved under these names belongs to it, too.")
    )
    memories: int = field(metadata=doc("How many messages belong to it."))
    sessions: int = field(metadata=doc("In how many conversations."))
    first_at: datetime | None = field(
        metadata=doc("Time of its first message, UTC; null without any.")
    )
    last_at: datetime | None = field(
        metadata=doc("Time of its latest message, UTC; null without any.")
    )
    looks_like: tuple[str, ...] = field(
        metadata=doc("Projects whose repositories have the same first commit or remote address.")
    )


@dataclass(frozen=True, slots=True)
class ProjectList(Answer):
    """The projects of a space, the one with the latest message first."""

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
    """What became of two names of projects."""

    project: str = field(metadata=doc("The project that messages belong to now."))
    former: str = field(metadata=doc("The project that they belonged to before."))
    memories: int = field(metadata=doc("How many messages these are."))
    sessions: int = field(metadata=doc("In how many conversations."))
    there: int = field(metadata=doc("How many messages it has besides."))
    changed: bool = field(metadata=doc("False where it was so before; true also for a dry run."))


@dataclass(frozen=True, slots=True)
class Sighting:
    """A project with its repository on a machine; `identities` are SHA-256 digests."""

    project: str
    identities: tuple[bytes, ...]
    space_id: str = DEFAULT_SPACE


@dataclass(frozen=True, slots=True)
class Resemblance(Answer):
    """The project that a folder looks like."""

    project: str = field(
        metadata=doc("The project with the same repository; empty where there is none.")
    )


@dataclass(frozen=True, slots=True)
class Recorded(Answer):
    """How much was recorded."""

    recorded: int = field(metadata=doc("Identities that were not known before."))
