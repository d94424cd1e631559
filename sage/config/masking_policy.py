"""What settings say about the masking of secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.domain.masking import MaskingPolicy

if TYPE_CHECKING:
    from sage.config.settings import Settings


def masking_policy(settings: Settings) -> MaskingPolicy:
    """Return what is masked; the value of SAGE_TOKEN, which no pattern recognizes, too."""
    token = settings.server.token
    known = () if token is None else (token.get_secret_value(),)
    return MaskingPolicy(settings.mask_secrets, known)
