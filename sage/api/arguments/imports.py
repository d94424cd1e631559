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
        description=(
            "The import to continue, as returned by an earlier call, or a new id of your"
            " own. Default: a new import."
        ),
        json_schema_extra={"format": "uuid"},
    )
    dry_run: Flag = Field(
        default=False, description="Whether to only count new memories without storing them."
    )

    @property
    def whole_id(self) -> UUID | None:
        """Return the id of the import to continue. Raises InvalidInputError."""
        return None if self.import_id is None else validate_id("import_id", self.import_id)


class FileImportArguments(SpaceArguments):
    """The parts of a file to import, and their destination."""

    name: str = Field(
        description="The original name of the file. Sections of notes are identified by it."
    )
    since: str | None = Field(
        default=None,
        description="Only messages since this time: ISO 8601, or a number of days, such as `30"
        " days`.",
    )
    include: str | None = Field(
        default=None,
        description=(
            "Items to import that are omitted by default, separated by commas, such as"
            " `branches,tools`."
        ),
    )
    date_format: str | None = Field(
        default=None,
        description="The format of dates in CSV files, such as `%d/%m/%Y`. Default: year first.",
    )
    session_id: str | None = Field(
        default=None,
        description="The session of lines without one, in a file written by `sage export`.",
    )
    written_at: str | None = Field(
        default=None,
        description=(
            "When the file was last modified, ISO 8601; used as the time of messages without"
            " one. Default: now."
        ),
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
