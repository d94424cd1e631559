"""Return one page of a list to review."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from sage.domain.tidying import TidyKind
from sage.errors import InvalidInputError
from sage.service.tidying.duplicates import NearDuplicates, duplicates
from sage.service.tidying.never_recalled import NeverRecalled
from sage.service.tidying.secrets import Secrets
from sage.service.tidying.superseded import superseded
from sage.service.tidying.tool_sessions import tool_sessions

if TYPE_CHECKING:
    from collections.abc import Collection

    from sage.config.settings import RecallSettings
    from sage.domain.tidying import TidyPage, TidyRequest
    from sage.service.schema_gate import SchemaGate


class TidyService:
    """The lists of one database; `known` are secrets that no pattern recognizes.

    `recall` are the settings of the recall log.
    """

    def __init__(
        self, schema_gate: SchemaGate, known: Collection[str], recall: RecallSettings
    ) -> None:
        self._database = schema_gate.database
        self._near = NearDuplicates(schema_gate)
        self._unrecalled = NeverRecalled(self._database, recall)
        self._secrets = Secrets(self._database, known)

    async def page(self, request: TidyRequest) -> TidyPage:
        """Return the entries of a list from the next part of a space.

        Raises InvalidInputError for a cursor that leads back, StoreError.
        """
        if request.goes_back:
            raise InvalidInputError(
                "cursor",
                "{field} is a cursor for the previous page",
                hint="pass next_cursor of the previous page",
            )
        match request.kind:
            case TidyKind.DUPLICATES:
                return await duplicates(self._database, request)
            case TidyKind.NEAR_DUPLICATES:
                return await self._near.page(request)
            case TidyKind.NEVER_RECALLED:
                return await self._unrecalled.page(request)
            case TidyKind.SUPERSEDED:
                return await superseded(self._database, request)
            case TidyKind.SECRETS:
                return await self._secrets.page(request)
            case TidyKind.TOOL_SESSIONS:
                return await tool_sessions(self._database, request)
        assert_never(request.kind)
