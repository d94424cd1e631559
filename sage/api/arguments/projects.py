"""Arguments that name projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from sage.api.arguments.space import SpaceArguments
from sage.domain import limits
from sage.domain.projects import RenameRequest, Sighting
from sage.domain.validation import validate_number, validate_text
from sage.errors import InvalidInputError

if TYPE_CHECKING:
    from sage.domain.caller import Caller

_MAX_IDENTITIES = 8
_DIGEST_BYTES = 32


class MoveArguments(SpaceArguments):
    """What a project is called, and what it is to be called."""

    old: str = Field(description="What the project is called, by any of its names.")
    new: str = Field(description="What it is to be called: no other project has the name.")
    dry_run: bool = Field(default=False, description="Count what belongs to it, change nothing.")

    def to_request(self, caller: Caller) -> RenameRequest:
        """Build the domain's request. Raises InvalidInputError that names the argument."""
        return RenameRequest(self.old, self.new, self.dry_run, space_id=caller.space_id)


class MergeArguments(SpaceArguments):
    """Which project is joined to which."""

    old: str = Field(description="The project that is joined; nothing need be saved in it yet.")
    new: str = Field(description="The project that it is joined to.")
    dry_run: bool = Field(default=False, description="Count what would change, change nothing.")
    undo: bool = Field(default=False, description="Take `old` out of `new` again.")

    def to_request(self, caller: Caller) -> RenameRequest:
        """Build the domain's request. Raises InvalidInputError that names the argument."""
        return RenameRequest(self.old, self.new, self.dry_run, self.undo, caller.space_id)


class SightingArguments(SpaceArguments):
    """A project, and SHA-256 digests by which its repository can be known elsewhere."""

    project: str
    identities: list[str]

    def to_sighting(self, caller: Caller) -> Sighting:
        """Validate the digests. Raises InvalidInputError that names the argument."""
        validate_text("project", self.project, limits.MAX_PROJECT_CHARS)
        validate_number("identities", len(self.identities), 1, _MAX_IDENTITIES)
        try:
            digests = tuple(map(bytes.fromhex, self.identities))
        except ValueError:
            digests = ()
        if not digests or any(len(one) != _DIGEST_BYTES for one in digests):
            raise InvalidInputError(
                "identities", "{field} contains no SHA-256", hint="pass 64 hexadecimal digits each"
            )
        return Sighting(self.project, digests, caller.space_id)
