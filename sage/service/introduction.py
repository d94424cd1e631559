"""Describes to callers their own rights, and this Sage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage import __version__
from sage.config.choices import AuditMode, AuthMode, Environment
from sage.domain.caller import SpaceRole
from sage.domain.me import Me, OpenedSpace

if TYPE_CHECKING:
    from sage.config.settings import Settings
    from sage.domain.caller import Principal
    from sage.domain.reranking import Reranker
    from sage.domain.summarizing import Summarizer


class Introduction:
    """The setup of this Sage, as described to callers."""

    def __init__(
        self, settings: Settings, reranker: Reranker | None, summarizer: Summarizer | None
    ) -> None:
        server = settings.server
        self._settings = settings
        self._token_required = server.auth is not AuthMode.NONE and server.token is not None
        switched = {
            "oauth": server.has_oauth,
            "connector_tools": server.connector_tools,
            "reranker": reranker is not None,
            "summaries": summarizer is not None,
            "replica": settings.database.read_dsn is not None,
            "backups": settings.backup.schedule is not None,
            "audit": settings.audit.mode is not AuditMode.OFF,
            "masking": settings.mask_secrets,
            "documentation": settings.env is not Environment.PROD,
        }
        self._features = tuple(name for name, is_on in switched.items() if is_on)

    def introduce(self, principal: Principal) -> Me:
        """Return the rights of a caller."""
        return Me(
            token=principal.token,
            user=principal.user,
            author=principal.author,
            spaces=tuple(
                OpenedSpace(
                    one.space,
                    one.role,
                    manages=principal.manages_all or one.role is SpaceRole.OWNER,
                )
                for one in principal.grants
            ),
            sees_server=principal.admin,
            manages_server=principal.manages_all,
            token_required=self._token_required,
            public_url=self._settings.server.public_url,
            timezone=str(self._settings.timezone),
            version=__version__,
            features=self._features,
        )
