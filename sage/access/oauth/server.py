"""The OAuth server: the objects that its parts share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sage.access.accounts.secrets import digest
from sage.access.oauth.addresses import OAuthUrls
from sage.access.oauth.client_documents import ClientDocuments
from sage.access.oauth.store import Lifetimes, SecretStore

if TYPE_CHECKING:
    from sage.access.oauth.external_issuer import ExternalIssuer
    from sage.config.server_settings import ServerSettings
    from sage.store.connections.pool import Database

LIFETIMES = Lifetimes(access=timedelta(hours=24), refresh=timedelta(days=60))
"""An app that is used once in 60 days stays connected."""


@dataclass(frozen=True, slots=True)
class OAuthServer:
    """An OAuth server on the database, for the users of its tokens and of SAGE_TOKEN."""

    database: Database
    addresses: OAuthUrls
    redirect_uris: tuple[str, ...]
    server_digest: bytes
    documents: ClientDocuments
    secrets: SecretStore
    issuer: ExternalIssuer | None


def oauth_server(database: Database, settings: ServerSettings) -> OAuthServer | None:
    """Return the OAuth server; None if OAuth is not enabled."""
    if not settings.has_oauth or settings.public_url is None or settings.token is None:
        return None
    server_token = settings.token.get_secret_value()
    server_digest = digest(server_token)
    return OAuthServer(
        database=database,
        addresses=OAuthUrls(settings.public_url),
        redirect_uris=settings.oauth_redirect_uris,
        server_digest=server_digest,
        documents=ClientDocuments(settings.oauth_client_hosts, settings.oauth_redirect_uris),
        secrets=SecretStore(database, server_token, LIFETIMES),
        issuer=_external_issuer(database, settings),
    )


def _external_issuer(database: Database, settings: ServerSettings) -> ExternalIssuer | None:
    if settings.oauth_issuer is None or settings.oauth_jwks_url is None:
        return None
    # PyJWT and cryptography take memory and time, which most starts need not.
    from sage.access.oauth.external_issuer import ExternalIssuer, IssuerKeys  # noqa: PLC0415

    pairs = (one.rpartition("=") for one in settings.oauth_subjects)
    return ExternalIssuer(
        database,
        issuer=settings.oauth_issuer,
        keys=IssuerKeys(settings.oauth_jwks_url),
        resource=OAuthUrls(settings.public_url or "").resource,
        subjects={subject: name for subject, _, name in pairs},
    )
