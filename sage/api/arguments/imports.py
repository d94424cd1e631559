"""Arguments of an import beside its lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from sage.api.arguments.space import SpaceArguments
from sage.api.arguments.strict import Flag
from sage.domain.validation import validate_id, validate_time
from sage.transfer.uploads.options import FileOptions

if TYPE_CHECKING:
    from uuid import UUID
    from zoneinfo import ZoneInfo


class ImportArguments(SpaceArguments):
    """The import to which lines belong, and whether they are only counted."""

    import_id: str | None = Field(
        default=None,
        description="The import to go on with, as an earlier call answered it, or a new id of"
        " your own. Left out, a new one begins.",
        json_schema_extra={"format": "uuid"},
    )
    dry_run: Flag = Field(default=False, description="Count what is new, and keep nothing.")

    @property
    def whole_id(self) -> UUID | None:
        """Return the id of the import to continue. Raises InvalidInputError."""
        return None if self.import_id is None else validate_id("import_id", self.import_id)


class FileImportArguments(SpaceArguments):
    """The parts of a file to import, and their destination."""

    name: str = Field(
        description="The name of the file, as it has it where it comes from. Sections of notes are"
        " known by it."
    )
    since: str | None = Field(
        default=None,
        description="Only messages since that time: ISO 8601, or so many days, as in `30 days`.",
    )
    include: str | None = Field(
        default=None,
        description="What is left out by default, separated by commas, such as `branches,tools`.",
    )
    date_format: str | None = Field(
        default=None,
        description="How dates are written in CSV files, such as `%d/%m/%Y`. Default: year first.",
    )
    session_id: str | None = Field(
        default=None, description="The session of lines that have none, in a file of Sage."
    )
    written_at: str | None = Field(
        default=None,
        description="When the file was last written, ISO 8601: the time of what tells none."
        " Default: now.",
        json_schema_extra={"format": "date-time"},
    )

    def options(self, timezone: ZoneInfo) -> FileOptions:
        """Return the options for importing the file. Raises InvalidInputError."""
        written = self.written_at
        return FileOptions(
            self.name,
            self.since,
            self.include,
            self.date_format,
            self.session_id,
            str(timezone),
            None if written is None else validate_time("written_at", written).timestamp(),
        )
