"""The two documents by which clients find the OAuth server and learn what it can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sage.access.oauth import addresses
from sage.access.oauth.scopes import SCOPES

if TYPE_CHECKING:
    from sage.access.oauth.addresses import OAuthUrls


def resource_metadata(own: OAuthUrls, issuer: str) -> dict[str, Any]:
    """Return what there is to know about the resource and who issues its tokens (RFC 9728)."""
    return {
        "resource": own.resource,
        "authorization_servers": [issuer],
        "scopes_supported": [*SCOPES],
        "bearer_methods_supported": ["header"],
        "resource_name": "Sage",
    }


def server_metadata(own: OAuthUrls, *, reads_documents: bool) -> dict[str, Any]:
    """Return what there is to know about the OAuth server (RFC 8414)."""
    return {
        "issuer": own.issuer,
        "authorization_endpoint": own.issuer + addresses.AUTHORIZE_PATH,
        "token_endpoint": own.issuer + addresses.TOKEN_PATH,
        "registration_endpoint": own.issuer + addresses.REGISTER_PATH,
        "revocation_endpoint": own.issuer + addresses.REVOKE_PATH,
        "scopes_supported": [*SCOPES],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "code_challenge_methods_supported": ["S256"],
        "client_id_metadata_document_supported": reads_documents,
        "authorization_response_iss_parameter_supported": True,
    }
