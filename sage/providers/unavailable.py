"""The embedder of a model that cannot be opened, so that searches use words alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from sage.errors import ProviderUnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.domain.embedding import EmbeddingModel

_MAX_CHARS = 480
_RETRY_IN_S = 15.0


class UnavailableEmbedder:
    """Raises ProviderUnavailableError on every call, with the reason."""

    is_local = False
    may_change = False

    def __init__(self, model: EmbeddingModel, reason: str, hint: str) -> None:
        self._model = model
        self._reason = reason
        self._hint = hint

    @property
    def model(self) -> EmbeddingModel:
        """The model that is unavailable."""
        return self._model

    @property
    def max_chars(self) -> int:
        """A number without effect, since nothing is embedded."""
        return _MAX_CHARS

    @property
    def ready(self) -> bool:
        """Always False."""
        return False

    @property
    def last_error(self) -> str:
        """Why the model is unavailable."""
        return self._reason

    def has_word(self, _word: str) -> bool:
        """Return False: its words are unknown."""
        return False

    async def start(self) -> None:
        """Do nothing."""

    async def embed_query(self, _text: str) -> NoReturn:
        """Raise ProviderUnavailableError."""
        raise self._error()

    async def embed_passages(self, _texts: Sequence[str]) -> NoReturn:
        """Raise ProviderUnavailableError."""
        raise self._error()

    async def close(self) -> None:
        """Do nothing."""

    def _error(self) -> ProviderUnavailableError:
        return ProviderUnavailableError(self._reason, hint=self._hint, retry_in_s=_RETRY_IN_S)
