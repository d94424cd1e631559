"""The objects that checks examine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sage.config.container import Container, detect_container
from sage.errors import StoreUnavailableError

if TYPE_CHECKING:
    from sage.config.settings import Settings
    from sage.domain.reranking import Reranker
    from sage.domain.summarizing import Summarizer
    from sage.errors import SageError
    from sage.service.active_model import ActiveModel
    from sage.service.counts import StoreCounts
    from sage.service.schema_gate import SchemaGate
    from sage.store.connections.pool import Database
    from sage.store.connections.replica import Replica


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckContext:
    """A configuration, and its database if it is open; else `failure` is why it is not."""

    settings: Settings
    container: Container = field(default_factory=detect_container)
    database: Database | None = None
    failure: SageError | None = None

    def opened(self) -> Database:
        """Return the database. Raises SageError if it is not open."""
        if self.database is None:
            raise self.failure or StoreUnavailableError("the database is not open")
        return self.database


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningContext(CheckContext):
    """A running Sage, with its open models.

    If a `counted_space` is named, only its queue is counted.
    """

    schema_gate: SchemaGate
    active_model: ActiveModel
    counts: StoreCounts
    reranker: Reranker | None = None
    summarizer: Summarizer | None = None
    replica: Replica | None = None
    counted_space: str | None = None
