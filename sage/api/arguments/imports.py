"""What is asked of an import beside its lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from sage.api.arguments.space import SpaceArguments
from sage.api.arguments.strict import Flag
from sage.domain.validation import validate_id

if TYPE_CHECKING:
    from uuid import UUID


class ImportArguments(SpaceArguments):
    """Where lines go, and whether they are only counted."""

    import_id: str | None = Field(
        default=None,
        description="The import to go on with, as an earlier call answered it, or a new id of"
        " your own. Left out, a new one begins.",
        json_schema_extra={"format": "uuid"},
    )
    dry_run: Flag = Field(default=False, description="Count what is new, and keep nothing.")

    @property
    def whole_id(self) -> UUID | None:
        """Return the id of the import to go on with. Raises InvalidInputError."""
        return None if self.import_id is None else validate_id("import_id", self.import_id)
