"""The secrets of Sage itself that no pattern recognizes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sage.config.settings import Settings


def own_secrets(settings: Settings) -> tuple[str, ...]:
    """Return what is masked in memories whatever it looks like: the value of SAGE_TOKEN."""
    token = settings.server.token
    return () if token is None else (token.get_secret_value(),)
