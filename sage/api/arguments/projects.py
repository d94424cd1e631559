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
    """The present and the new name of a project."""

    old: str = Field(description="The project to rename, by any of its names.")
    new: str = Field(description="The new name, which must not be that of another project.")
    dry_run: bool = Field(
        default=False,
        description="Whether to only count the messages of the project without changing anything.",
    )

    def to_request(self, caller: Caller) -> RenameRequest:
        """Build the domain's request. Raises InvalidInputError that names the argument."""
        return RenameRequest(self.old, self.new, self.dry_run, space_id=caller.space_id)


class MergeArguments(SpaceArguments):
    """The project to merge, and the one that it is merged into."""

    old: str = Field(description="The project to merge; it may have no messages yet.")
    new: str = Field(description="The project to merge it into.")
    dry_run: bool = Field(
        default=False,
        description="Whether to only count the messages that would change without changing"
        " anything.",
    )
    undo: bool = Field(default=False, description="Whether to undo the merge of `old` into `new`.")

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
