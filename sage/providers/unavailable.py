"""Stands in for a model that cannot be opened here, so that words alone are searched."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from sage.errors import ProviderUnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.domain.embedding import EmbeddingModel

_MAX_CHARS = 480
_RETRY_IN_S = 15.0


class UnavailableEmbedder:
    """Refuses every call with the reason why its model is not there."""

    is_local = False
    may_change = False

    def __init__(self, model: EmbeddingModel, reason: str, hint: str) -> None:
        self._model = model
        self._reason = reason
        self._hint = hint

    @property
    def model(self) -> EmbeddingModel:
        """The space of the model that is not there."""
        return self._model

    @property
    def max_chars(self) -> int:
        """Some number: nothing is embedded."""
        return _MAX_CHARS

    @property
    def ready(self) -> bool:
        """Never."""
        return False

    @property
    def last_error(self) -> str:
        """Why the model is not there."""
        return self._reason

    async def start(self) -> None:
        """Do nothing."""

    async def embed_query(self, _text: str) -> NoReturn:
        """Refuse. Raises ProviderUnavailableError."""
        raise self._refusal()

    async def embed_passages(self, _texts: Sequence[str]) -> NoReturn:
        """Refuse. Raises ProviderUnavailableError."""
        raise self._refusal()

    async def close(self) -> None:
        """Do nothing."""

    def _refusal(self) -> ProviderUnavailableError:
        return ProviderUnavailableError(self._reason, hint=self._hint, retry_in_s=_RETRY_IN_S)
